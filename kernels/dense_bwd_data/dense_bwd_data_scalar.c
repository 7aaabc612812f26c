#include <math.h>

#include "../isa.h"
#include "dense_bwd_data.h"

dense_bwd_data_fn ISA(dense_bwd_data);

void ISA(dense_bwd_data)(const struct dense_bwd_data *a)
{
    for (size_t i = 0; i < a->m; i++)
        for (size_t p = 0; p < a->k; p += 16) {
            const size_t cols = a->k - p < 16 ? a->k - p : 16;
            const float *w = a->packed ? a->w + p * a->n : a->w + p * a->ld_w;
            /* From term j of the sums to the next, and from one of the sixteen sums to the next. */
            const size_t next_j = a->packed ? 16 : 1, next_p = a->packed ? 1 : a->ld_w;
            float acc[16] = {0};
            for (size_t j = 0; j < a->n; j++) {
                const float x = a->ddst[i * a->ld_ddst + j];
                OMP_SIMD()
                for (size_t c = 0; c < cols; c++)
                    acc[c] = fmaf(x, w[j * next_j + c * next_p], acc[c]);
            }
            for (size_t c = 0; c < cols; c++) {
                const bool drop = a->act && a->act[i * a->ld_act + p + c] <= 0.0f;
                a->dsrc[i * a->ld_dsrc + p + c] = drop ? 0.0f : acc[c];
            }
        }
}
