#include <math.h>

#include "../scalar.h"
#include "softmax_bwd.h"

enum { PARTS = SOFTMAX_BWD_PARTS };

softmax_bwd_fn ISA(softmax_bwd);

static float dot(const float *x, const float *y, size_t n)
{
    float part[PARTS] = {0};
    for (size_t j = 0; j < n; j += PARTS) {
        const size_t parts = n - j < PARTS ? n - j : PARTS;
        OMP_SIMD()
        for (size_t p = 0; p < parts; p++) part[p] = fmaf(x[j + p], y[j + p], part[p]);
    }
    return scalar_fold(part, PARTS);
}

void ISA(softmax_bwd)(const struct softmax_bwd *a)
{
    const float inverse_tau = 1.0f / a->tau;
    for (size_t i = 0; i < a->m; i++) {
        const float *dst = a->dst + i * a->ld_dst, *ddst = a->ddst + i * a->ld_ddst;
        float *dsrc = a->dsrc + i * a->ld_dsrc;
        const float sum = dot(dst, ddst, a->n);
        OMP_SIMD()
        for (size_t j = 0; j < a->n; j++) dsrc[j] = dst[j] * inverse_tau * (ddst[j] - sum);
    }
}
