#include "../isa.h"
#include "../simd/exp2.h"
#include "../simd/gelu.h"
#include "gelu_bwd.h"

gelu_bwd_fn ISA(gelu_bwd);

V_INLINE vf near_zero(vf x)
{
    return v_min(v_set1(GELU_FAR), v_max(v_set1(-GELU_FAR), x));
}

V_INLINE vf of_erf(vf x)
{
    const vf c = near_zero(x), half = v_set1(0.5f);
    const vf share = v_fma(half, v_erf(v_mul(c, v_set1(GELU_SQRT_HALF))), half);
    const vf density = v_exp2_nonpositive(v_mul(v_mul(c, v_set1(-0.5f * LOG2_E)), c));
    return v_fma(v_mul(c, v_set1(GELU_DENSITY)), density, share);
}

V_INLINE vf of_tanh(vf x)
{
    const vf c = near_zero(x), z = v_mul(c, c), one = v_set1(1.0f);
    const vf y = v_mul(c, v_fma(v_set1(GELU_3), z, v_set1(GELU_1)));
    const vf slope = v_fma(v_set1(GELU_SLOPE_3), z, v_set1(GELU_SLOPE_1));
    const vf e = v_exp2_nonpositive(vi_float_bits(vi_or(vi_bits(y), vi_set1(0x80000000u))));
    const vf r = v_div(one, v_add(one, e)), g = v_mul(e, r);
    return v_fma(v_mul(c, slope), v_mul(g, r), v_select(v_lt(y, v_zero()), g, r));
}

#define OVER(f)                                                                                    \
    for (size_t i = 0; i < full; i += VL)                                                          \
        v_store(dsrc + i, v_mul(v_load(ddst + i), f(v_load(src + i))));                            \
    if (rest)                                                                                      \
        v_store_n(dsrc + full,                                                                     \
                  v_mul(v_load_n(ddst + full, rest, 0.0f), f(v_load_n(src + full, rest, 0.0f))),   \
                  rest);

void ISA(gelu_bwd)(float *dsrc, const float *ddst, const float *src, size_t n, bool tanh)
{
    const size_t full = n - n % VL;
    const int rest = (int)(n % VL);
    if (tanh) {
        OVER(of_tanh)
    } else {
        OVER(of_erf)
    }
}
