#include <math.h>

#include "../isa.h"
#include "dense_jvp.h"

dense_jvp_fn ISA(dense_jvp);

/* The sums of row i at sixteen or fewer columns from j on, before any product. */
static void start(float acc[16], const struct dense_jvp *a, size_t i, size_t j, size_t cols)
{
    const float *prev = a->prev ? a->prev + i * a->ld_prev + j : NULL;
    for (size_t c = 0; c < cols; c++) {
        acc[c] = a->db ? a->db[j + c] : 0.0f;
        if (prev) acc[c] = fmaf(a->skip, prev[c], acc[c]);
    }
}

/* They take the terms of one product: x[p] times row p of b, whose rows are ld apart. */
static void add(float acc[16], const float *x, const float *b, size_t ld, size_t terms, size_t cols)
{
    for (size_t p = 0; p < terms; p++) {
        const float factor = x[p], *row = b + p * ld;
        OMP_SIMD()
        for (size_t c = 0; c < cols; c++) acc[c] = fmaf(factor, row[c], acc[c]);
    }
}

void ISA(dense_jvp)(const struct dense_jvp *a)
{
    for (size_t i = 0; i < a->m; i++)
        for (size_t j = 0; j < a->n; j += 16) {
            const size_t cols = a->n - j < 16 ? a->n - j : 16;
            float acc[16];
            start(acc, a, i, j, cols);
            add(acc, a->dsrc + i * a->ld_dsrc, a->packed ? a->w + j * a->k : a->w + j,
                a->packed ? 16 : a->ld_w, a->k, cols);
            if (a->q) add(acc, a->u + i * a->ld_u, a->v + j, a->ld_v, a->q, cols);
            for (size_t c = 0; c < cols; c++) {
                const bool drop = a->act && a->act[i * a->ld_act + j + c] <= 0.0f;
                a->dst[i * a->ld_dst + j + c] = drop ? 0.0f : acc[c];
            }
        }
}
