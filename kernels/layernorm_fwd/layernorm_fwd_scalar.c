#include "../scalar.h"
#include "layernorm_fwd.h"

enum { PARTS = LAYERNORM_FWD_PARTS };

layernorm_fwd_fn ISA(layernorm_fwd);

static float shift_of(const float *x, size_t n)
{
    float sum[PARTS] = {0};
    for (size_t j = 0; j < n; j += PARTS) {
        const size_t parts = n - j < PARTS ? n - j : PARTS;
        OMP_SIMD()
        for (size_t p = 0; p < parts; p++) sum[p] += x[j + p];
    }
    return scalar_fold(sum, PARTS) / (float)n;
}

static struct layernorm_fwd_row row_of(const struct layernorm_fwd *a, size_t i)
{
    const float *x = a->src + i * a->ld_src, shift = shift_of(x, a->n);
    float sum[PARTS] = {0}, square[PARTS] = {0};
    for (size_t j = 0; j < a->n; j += PARTS) {
        const size_t parts = a->n - j < PARTS ? a->n - j : PARTS;
        OMP_SIMD()
        for (size_t p = 0; p < parts; p++) {
            const float d = x[j + p] - shift;
            sum[p] += d;
            square[p] = fmaf(d, d, square[p]);
        }
    }
    return layernorm_fwd_row(a, i, shift, scalar_fold(sum, PARTS), scalar_fold(square, PARTS));
}

void ISA(layernorm_fwd)(const struct layernorm_fwd *a)
{
    for (size_t i = 0; i < a->m; i++) {
        const struct layernorm_fwd_row r = row_of(a, i);
        const float *x = a->src + i * a->ld_src, *gamma = a->gamma, *beta = a->beta;
        float *dst = a->dst + i * a->ld_dst;
        OMP_SIMD()
        for (size_t j = 0; j < a->n; j++)
            dst[j] = fmaf(fmaf(x[j] - r.shift, r.rstd, r.offset), gamma[j], beta[j]);
    }
}
