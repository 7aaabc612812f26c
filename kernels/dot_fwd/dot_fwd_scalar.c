#include <math.h>

#include "../isa.h"
#include "dot_fwd.h"

enum { LANES = 64 };

dot_fwd_fn ISA(dot_fwd);

static double block(const float *x, const float *y, size_t n)
{
    float sum[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        OMP_SIMD()
        for (size_t p = 0; p < LANES; p++) sum[p] = fmaf(x[i + p], y[i + p], sum[p]);
    }
    for (size_t p = 0; i < n; p++, i++) sum[p] = fmaf(x[i], y[i], sum[p]);
    for (size_t h = LANES / 2; h; h /= 2) {
        OMP_SIMD()
        for (size_t p = 0; p < h; p++) sum[p] += sum[p + h];
    }
    return (double)sum[0];
}

void ISA(dot_fwd)(double *sums, const float *x, const float *y, size_t n)
{
    for (size_t i = 0; i < n; i += DOT_FWD_BLOCK)
        *sums++ = block(x + i, y + i, n - i < DOT_FWD_BLOCK ? n - i : DOT_FWD_BLOCK);
}
