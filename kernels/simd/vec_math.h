/* vec_math: elementary functions of sixteen floats, in the vocabulary of vec.h alone: every lane returns the same
 * words.
 *
 *   v_exp(x)   v_exp_nonpositive(x): the same words where x <= 0, cheaper   v_log(x)   v_tanh(x)   v_erf(x)
 *
 * Error      over every f32, subnormal arguments and results included, at most what VEC_MATH states, in units in the
 *            last place of the exact result; neighbouring arguments may get results in the wrong order.
 * Special    NaN gives a NaN. exp: +0 at -inf and where e^x rounds to it, +inf where e^x does. log: -inf at +-0, NaN
 *            below, +inf at +inf. tanh and erf: odd, -0 at -0, +-1 at +-inf.
 * Subnormals exp rounds once, also to a subnormal. Under FTZ subnormal results are zeros, and under DAZ subnormal
 *            arguments are: log of them is then -inf and erf zero. All other words are as without.
 * Constants  Sollya's fpminimax, coefficients in f32. The comments give the interval and the greatest relative error
 *            of the function by that approximation, rounding aside; 6e-8 would be 1/2 to 1 ULP.
 */
#ifndef SIMD_VEC_MATH_H
#define SIMD_VEC_MATH_H

#include "vec.h"

/* X(function, greatest error in ULP): `ulp --all` tries every argument. */
#define VEC_MATH(X) X(exp, 0.9) X(exp_nonpositive, 0.9) X(log, 0.95) X(tanh, 1.2) X(erf, 1.3)

/* A step of Horner's rule. */
V_INLINE vf v_step(vf p, vf x, float c)
{
    return v_fma(p, x, v_set1(c));
}

/* e^r, where x = n ln 2 + r and n = t - bias is an integer. */
V_INLINE vf v_exp_rest(vf x, float bias, vf *t)
{
    *t = v_fma(x, v_set1(0x1.715476p+0f), v_set1(bias));
    const vf n = v_sub(*t, v_set1(bias));
    /* ln 2 in two parts. The first step is exact: its terms are multiples of 2^-25, its result is below 0.36. */
    const vf r = v_fnma(n, v_set1(-0x1.05c61p-29f), v_fnma(n, v_set1(0x1.62e43p-1f), x));
    /* 1 + r + r^2 P(r): |r| <= 0.3467, 3.3e-9 */
    vf p = v_step(v_set1(0x1.694cd2p-10f), r, 0x1.123988p-7f);
    p = v_step(p, r, 0x1.555a26p-5f);
    p = v_step(p, r, 0x1.555492p-3f);
    p = v_step(p, r, 0x1.fffffap-2f);
    p = v_step(p, r, 1.0f);
    return v_step(p, r, 1.0f);
}

/* e^-104 rounds to zero and e^89 to infinity; NaN, the second operand of max and min, comes through. */
V_INLINE vf v_exp(vf x)
{
    vf t;
    const vf p = v_exp_rest(v_max(v_set1(-104.0f), v_min(v_set1(89.0f), x)), V_SCALE, &t);
    return v_scale(p, t);
}

V_INLINE vf v_exp_nonpositive(vf x)
{
    vf t;
    const vf p = v_exp_rest(v_max(v_set1(-104.0f), x), V_SCALE_DOWN, &t);
    return v_scale_down(p, t);
}

V_INLINE vf v_log(vf x)
{
    const vm subnormal = v_lt(x, v_set1(0x1p-126f));
    const vf normal = v_select(subnormal, v_mul(x, v_set1(0x1p24f)), x);
    const vf bias = v_select(subnormal, v_set1(127.0f + 24.0f), v_set1(127.0f));
    /* x = 2^e m with m from 2/3, whose word is 0x3f2aaaab, to 4/3. */
    const vi i = vi_add(vi_bits(normal), vi_set1(0x3f800000u - 0x3f2aaaabu));
    const vi m = vi_add(vi_and(i, vi_set1(0x007fffffu)), vi_set1(0x3f2aaaabu));
    const vf e = v_sub(vi_to_float(vi_shr(i, 23)), bias);
    const vf f = v_sub(vi_float_bits(m), v_set1(1.0f));
    /* log(1 + f) = f + f^2 P(f): |f| <= 1/3, 4.9e-9 */
    vf p = v_step(v_set1(-0x1.06cedcp-3f), f, 0x1.1ec6ep-3f);
    p = v_step(p, f, -0x1.f3a788p-4f);
    p = v_step(p, f, 0x1.1ec0dp-3f);
    p = v_step(p, f, -0x1.559804p-3f);
    p = v_step(p, f, 0x1.99d1c6p-3f);
    p = v_step(p, f, -0x1.ffff14p-3f);
    p = v_step(p, f, 0x1.555502p-2f);
    p = v_step(p, f, -0.5f);
    /* e ln 2 + f and what its rounding lost: where the two nearly cancel, half an ULP of f is one of the result. The
     * high part of ln 2 has so few bits that e times it is exact. */
    const vf high = v_fma(e, v_set1(0x1.62e4p-1f), f);
    const vf lost = v_sub(f, v_fnma(e, v_set1(0x1.62e4p-1f), high));
    const vf low = v_fma(e, v_set1(0x1.7f7d1cp-20f), v_fma(v_mul(f, f), p, lost));
    const vf y = v_select(v_lt(x, v_set1(__builtin_inff())), v_add(high, low), x);
    const vf y_or_nan = v_select(v_lt(x, v_zero()), v_set1(__builtin_nanf("")), y);
    return v_select(v_eq(x, v_zero()), v_set1(-__builtin_inff()), y_or_nan);
}

/* Added to a float it leaves n + 127, the exponent field of 2^n, in the low bits: t of v_power. */
#define V_POWER (0x1.8p23f + 127.0f)
/* 2^n for -126 <= n <= 127. */
V_INLINE vf v_power(vf t)
{
    return vi_float_bits(vi_shl(vi_bits(t), 23));
}

/* 2^-s: |s| <= 0.5001, 9.5e-8. For what is small beside 1 where it is used. */
V_INLINE vf v_power_rest(vf s)
{
    vf p = v_step(v_set1(-0x1.5bfc72p-10f), s, 0x1.3ceb06p-7f);
    p = v_step(p, s, -0x1.c6b69cp-5f);
    p = v_step(p, s, 0x1.ebf9bap-3f);
    p = v_step(p, s, -0x1.62e42ap-1f);
    return v_step(p, s, 1.0f);
}

/* small where |x| < limit, else large, and the sign of x. */
V_INLINE vf v_odd(vf x, float limit, vf small, vf large)
{
    const vf y = v_select(v_lt(v_abs(x), v_set1(limit)), small, large);
    return vi_float_bits(vi_or(vi_bits(y), vi_and(vi_bits(x), vi_set1(0x80000000u))));
}

V_INLINE vf v_tanh(vf x)
{
    const vf u = v_abs(x), z = v_mul(u, u);
    /* u + u^3 P(u^2): u <= 1, 4.7e-9 */
    vf p = v_step(v_set1(-0x1.7806d8p-12f), z, 0x1.2db79ep-9f);
    p = v_step(p, z, -0x1.04675p-7f);
    p = v_step(p, z, 0x1.600bd6p-6f);
    p = v_step(p, z, -0x1.b96288p-5f);
    p = v_step(p, z, 0x1.110be6p-3f);
    p = v_step(p, z, -0x1.55553cp-2f);
    /* 1 - 2 / (e^2u + 1), and e^2u = 2^(n - s); 1 from 9.02 on. */
    const vf w = v_min(v_set1(10.0f), u);
    const vf t = v_fma(w, v_set1(0x1.715476p+1f), v_set1(V_POWER));
    const vf s = v_fnma(w, v_set1(0x1.715476p+1f), v_sub(t, v_set1(V_POWER)));
    const vf below = v_fma(v_power_rest(s), v_power(t), v_set1(1.0f));
    const vf large = v_sub(v_set1(1.0f), v_div(v_set1(2.0f), below));
    return v_odd(x, 1.0f, v_fma(v_mul(u, z), p, u), large);
}

V_INLINE vf v_erf(vf x)
{
    const vf u = v_abs(x), z = v_mul(u, u);
    /* u + u P(u^2): u <= 1.125, 6.4e-9 */
    vf p = v_step(v_set1(0x1.284434p-14f), z, -0x1.9726ep-11f);
    p = v_step(p, z, 0x1.522ecap-8f);
    p = v_step(p, z, -0x1.b7bbdcp-6f);
    p = v_step(p, z, 0x1.ce2984p-4f);
    p = v_step(p, z, -0x1.81272ep-2f);
    p = v_step(p, z, 0x1.06eba8p-3f);
    /* 1 - 2^Q(u), and Q(u) = n - s: 1.125 <= u <= 3.95, 8.2e-9; 1 from 3.92 on. */
    const vf w = v_min(v_set1(4.0f), u);
    vf q = v_step(v_set1(-0x1.87808ep-10f), w, 0x1.4681c4p-6f);
    q = v_step(q, w, -0x1.f90fbcp-4f);
    q = v_step(q, w, -0x1.e73422p-1f);
    q = v_step(q, w, -0x1.9b389p0f);
    q = v_step(q, w, -0x1.723702p-8f);
    const vf t = v_add(q, v_set1(V_POWER));
    const vf s = v_sub(v_sub(t, v_set1(V_POWER)), q);
    const vf large = v_fnma(v_power_rest(s), v_power(t), v_set1(1.0f));
    return v_odd(x, 1.125f, v_fma(u, p, u), large);
}

#endif
