#include <math.h>

#include "../isa.h"
#include "dense_fwd.h"

dense_fwd_fn ISA(dense_fwd);

/* Row p of sixteen or fewer columns from j on. */
static const float *row(const struct dense_fwd *a, size_t p, size_t j)
{
    return a->packed ? a->w + (j / 16 * a->k + p) * 16 : a->w + p * a->ld_w + j;
}

void ISA(dense_fwd)(const struct dense_fwd *a)
{
    for (size_t i = 0; i < a->m; i++)
        for (size_t j = 0; j < a->n; j += 16) {
            const size_t cols = a->n - j < 16 ? a->n - j : 16;
            float acc[16] = {0};
            for (size_t c = 0; a->bias && c < cols; c++) acc[c] = a->bias[j + c];
            for (size_t p = 0; p < a->k; p++) {
                const float x = a->src[i * a->ld_src + p], *w = row(a, p, j);
                OMP_SIMD()
                for (size_t c = 0; c < cols; c++) acc[c] = fmaf(x, w[c], acc[c]);
            }
            for (size_t c = 0; c < cols; c++)
                a->dst[i * a->ld_dst + j + c] = a->relu && acc[c] < 0.0f ? 0.0f : acc[c];
        }
}
