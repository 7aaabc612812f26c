#include "../isa.h"
#include "../simd/vec.h"
#include "softmax_bwd.h"

enum { PARTS = SOFTMAX_BWD_PARTS / VL };

softmax_bwd_fn ISA(softmax_bwd);

V_INLINE float dot(const float *x, const float *y, size_t n)
{
    vf s[PARTS];
    size_t j = 0;
    UNROLL
    for (size_t p = 0; p < PARTS; p++) s[p] = v_zero();
    for (; n - j >= PARTS * VL; j += PARTS * VL) {
        UNROLL
        for (size_t p = 0; p < PARTS; p++)
            s[p] = v_fma(v_load(x + j + p * VL), v_load(y + j + p * VL), s[p]);
    }
    /* Absent lanes add -0 * 0 = -0, the one value that leaves both +0 and -0 as they were. */
    UNROLL
    for (size_t p = 0; p < PARTS; p++) {
        if (j + p * VL >= n) break;
        const size_t left = n - j - p * VL;
        const int rest = left < VL ? (int)left : VL;
        s[p] = v_fma(v_load_n(x + j + p * VL, rest, -0.0f), v_load_n(y + j + p * VL, rest, 0.0f),
                     s[p]);
    }
    return v_sum(v_add(v_add(s[0], s[2]), v_add(s[1], s[3])));
}

V_INLINE vf gradient(vf dst, vf ddst, vf sum, vf inverse_tau)
{
    return v_mul(v_mul(dst, inverse_tau), v_sub(ddst, sum));
}

static void row(float *dsrc, const float *ddst, const float *dst, size_t n, float inverse_tau)
{
    const size_t full = n - n % VL;
    const int rest = (int)(n % VL);
    const vf sum = v_set1(dot(dst, ddst, n)), r = v_set1(inverse_tau);
    for (size_t j = 0; j < full; j += VL)
        v_store(dsrc + j, gradient(v_load(dst + j), v_load(ddst + j), sum, r));
    if (rest)
        v_store_n(
            dsrc + full,
            gradient(v_load_n(dst + full, rest, 0.0f), v_load_n(ddst + full, rest, 0.0f), sum, r),
            rest);
}

void ISA(softmax_bwd)(const struct softmax_bwd *a)
{
    const float inverse_tau = 1.0f / a->tau;
    for (size_t i = 0; i < a->m; i++)
        row(a->dsrc + i * a->ld_dsrc, a->ddst + i * a->ld_ddst, a->dst + i * a->ld_dst, a->n,
            inverse_tau);
}
