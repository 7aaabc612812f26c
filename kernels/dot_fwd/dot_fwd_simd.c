#include "../isa.h"
#include "../simd/vec.h"
#include "dot_fwd.h"

/* Four sums of sixteen: a fused step takes four cycles, and the loads allow one a cycle. */
enum { SUMS = 4 };

dot_fwd_fn ISA(dot_fwd);

V_INLINE double block(const float *x, const float *y, size_t n)
{
    const size_t full = n - n % (SUMS * VL);
    vf sum[SUMS];
    UNROLL
    for (int v = 0; v < SUMS; v++) sum[v] = v_zero();
    for (size_t i = 0; i < full; i += SUMS * VL) UNROLL
    for (int v = 0; v < SUMS; v++)
        sum[v] = v_fma(v_load(x + i + v * VL), v_load(y + i + v * VL), sum[v]);
    /* Absent lanes add -0 * 0 = -0, the one value that leaves both +0 and -0 as they were. */
    UNROLL
    for (int v = 0; v < SUMS; v++) {
        const size_t at = full + (size_t)v * VL;
        if (at >= n) break;
        const int rest = n - at < VL ? (int)(n - at) : VL;
        sum[v] = v_fma(v_load_n(x + at, rest, -0.0f), v_load_n(y + at, rest, 0.0f), sum[v]);
    }
    return (double)v_sum(v_add(v_add(sum[0], sum[2]), v_add(sum[1], sum[3])));
}

void ISA(dot_fwd)(double *sums, const float *x, const float *y, size_t n)
{
    for (size_t i = 0; i < n; i += DOT_FWD_BLOCK)
        *sums++ = block(x + i, y + i, n - i < DOT_FWD_BLOCK ? n - i : DOT_FWD_BLOCK);
}
