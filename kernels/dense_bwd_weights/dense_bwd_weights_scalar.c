#include <math.h>

#include "../isa.h"
#include "dense_bwd_weights.h"

dense_bwd_weights_fn ISA(dense_bwd_weights);

/* dz, of one row and sixteen or fewer columns from j on. */
static void row(float dz[16], const struct dense_bwd_weights *a, size_t i, size_t j, size_t cols)
{
    const float *ddst = a->ddst + i * a->ld_ddst + j;
    const float *act = a->act ? a->act + i * a->ld_act + j : NULL;
    for (size_t c = 0; c < cols; c++) dz[c] = act && act[c] <= 0.0f ? 0.0f : ddst[c];
}

void ISA(dense_bwd_weights)(const struct dense_bwd_weights *a)
{
    float dz[16];
    for (size_t j = 0; j < a->n; j += 16) {
        const size_t cols = a->n - j < 16 ? a->n - j : 16;
        for (size_t p = 0; p < a->k; p++)
            for (size_t c = 0; c < cols && !a->accumulate; c++) a->dw[p * a->ld_dw + j + c] = 0.0f;
        for (size_t c = 0; c < cols && a->db && !a->accumulate; c++) a->db[j + c] = 0.0f;
        for (size_t i = 0; i < a->m; i++) {
            row(dz, a, i, j, cols);
            for (size_t c = 0; c < cols && a->db; c++) a->db[j + c] = a->db[j + c] + dz[c];
            for (size_t p = 0; p < a->k; p++) {
                const float x = a->src[i * a->ld_src + p];
                float *dw = a->dw + p * a->ld_dw + j;
                OMP_SIMD()
                for (size_t c = 0; c < cols; c++) dw[c] = fmaf(x, dz[c], dw[c]);
            }
        }
    }
}
