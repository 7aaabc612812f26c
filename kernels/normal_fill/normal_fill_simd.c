#include <string.h>

#include "../isa.h"
#include "../simd/philox.h"
#include "normal_fill.h"

normal_fill_fn ISA(normal_fill);

V_INLINE vf log_of(vf u)
{
    static const float c[] = NORMAL_LOG;
    const vi bits = vi_bits(u), middle = vi_set1(0x3f3504f3);
    /* An arithmetic shift by 23, made of a logical one: u is positive, so the difference exceeds -2^30. */
    const vi up = vi_add(vi_sub(bits, middle), vi_set1(64u << 23));
    const vi e = vi_sub(vi_shr(up, 23), vi_set1(64));
    const vf m = vi_float_bits(vi_sub(bits, vi_shl(e, 23)));
    const vf x = v_sub(m, v_set1(1.0f)), z = v_mul(x, x), k = vi_to_float(e);
    vf p = v_set1(c[0]);
    UNROLL
    for (int i = 1; i < 9; i++) p = v_fma(p, x, v_set1(c[i]));
    vf y = v_mul(v_mul(x, z), p);
    y = v_fma(k, v_set1(NORMAL_LN2_LOW), y);
    y = v_fma(v_set1(-0.5f), z, y);
    return v_fma(k, v_set1(NORMAL_LN2_HIGH), v_add(x, y));
}

V_INLINE void pair(vi w0, vi w1, vf scale, float *z0, float *z1)
{
    static const float s[] = NORMAL_SIN, c[] = NORMAL_COS;
    const vf low = v_add(vi_to_float(vi_and(w0, vi_set1(0xffff))), v_set1(0.5f));
    const vf u = v_mul(v_fma(vi_to_float(vi_shr(w0, 16)), v_set1(65536.0f), low), v_set1(0x1p-32f));
    const vf r = v_sqrt(v_mul(v_set1(-2.0f), log_of(u)));
    const vf t = v_fma(vi_to_float(vi_shr(vi_shl(w1, 2), 8)), v_set1(0x1p-24f), v_set1(-0.5f));
    const vf x = v_mul(t, v_set1(NORMAL_HALF_PI)), xx = v_mul(x, x);
    const vf tail = v_fma(v_fma(v_set1(s[0]), xx, v_set1(s[1])), xx, v_set1(s[2]));
    const vf sine = v_fma(v_mul(x, xx), tail, x);
    const vf high = v_fma(v_fma(v_set1(c[0]), xx, v_set1(c[1])), xx, v_set1(c[2]));
    const vf cosine = v_fma(v_mul(xx, xx), high, v_fma(v_set1(-0.5f), xx, v_set1(1.0f)));
    const vi one = vi_set1(1), sign = vi_set1(0x80000000u);
    const vi q = vi_shr(w1, 30), high_bit = vi_shr(w1, 31);
    const vm odd = vi_eq(vi_and(q, one), one);
    const vf first = v_select(odd, sine, cosine), second = v_select(odd, cosine, sine);
    /* Minus where q is 1 or 2: where its two bits differ; minus where q is 2 or 3: its upper bit. */
    const vi minus0 = vi_shl(vi_xor(q, high_bit), 31), minus1 = vi_and(w1, sign);
    const vf turned0 = vi_float_bits(vi_xor(vi_bits(first), minus0));
    const vf turned1 = vi_float_bits(vi_xor(vi_bits(second), minus1));
    v_store(z0, v_mul(scale, v_mul(r, turned0)));
    v_store(z1, v_mul(scale, v_mul(r, turned1)));
}

/* The 64 numbers of a block. */
V_INLINE void numbers(const struct normal_fill *a, uint64_t block, float *z)
{
    vi out[4];
    v_philox(out, 16 * block, a->stream, a->seed);
    const vf scale = v_set1(a->scale);
    pair(out[0], out[1], scale, z, z + VL);
    pair(out[2], out[3], scale, z + 2 * VL, z + 3 * VL);
}

void ISA(normal_fill)(const struct normal_fill *a)
{
    const uint64_t end = a->start + a->n;
    uint64_t i = a->start;
    while (i < end) {
        const uint64_t block = i / NORMAL_FILL_BLOCK, skip = i % NORMAL_FILL_BLOCK;
        float *to = a->dst + (i - a->start);
        if (skip == 0 && end - i >= NORMAL_FILL_BLOCK) {
            numbers(a, block, to);
            i += NORMAL_FILL_BLOCK;
            continue;
        }
        float z[NORMAL_FILL_BLOCK];
        const uint64_t left = end - i, have = NORMAL_FILL_BLOCK - skip;
        const uint64_t take = left < have ? left : have;
        numbers(a, block, z);
        memcpy(to, z + skip, take * sizeof *to);
        i += take;
    }
}
