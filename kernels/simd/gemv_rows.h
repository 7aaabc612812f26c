/* gemv_rows: one row times a matrix that lies row by row.
 *
 *   c[j] = finish(c[j] + sum over p of a[p] * b[p][j])      j < n, p < k
 *
 * finish  ReLU, or a mask that keeps where !(mask[j] <= 0), or nothing; with k = 0 nothing is done at all.
 * Order   every element takes its k terms one by one, p ascending, each by one fused step.
 *
 * Groups of rows of b stream by while the sums stay in L1.
 */
#ifndef SIMD_GEMV_ROWS_H
#define SIMD_GEMV_ROWS_H

#include <stdbool.h>

#include "vec.h"

enum { GEMV_ROWS = 8 }; /* of a group */

struct gemv_rows {
    float *c;
    const float *a, *b, *mask;
    size_t n, k, ldb;
    bool relu;
};

/* Row `rows` columns at a time: what one group adds to the sums from j on. */
V_INLINE vf gemv_rows_add(vf acc, const float *a, const float *b, size_t ldb, size_t rows, int rest)
{
    for (size_t r = 0; r < rows; r++)
        acc = v_fma(v_set1(a[r]), v_load_rest(b + r * ldb, rest), acc);
    return acc;
}

V_INLINE void gemv_rows_put(const struct gemv_rows *g, size_t j, vf acc, bool last, int rest)
{
    if (last && g->relu) acc = v_max(v_zero(), acc);
    if (last && g->mask) acc = v_keep(v_nle(v_load_rest(g->mask + j, rest), v_zero()), acc);
    v_store_rest(g->c + j, acc, rest);
}

static inline void gemv_rows(const struct gemv_rows *g)
{
    const size_t full = g->n - g->n % VL;
    const int rest = (int)(g->n % VL);
    for (size_t p = 0; p < g->k; p += GEMV_ROWS) {
        const size_t rows = g->k - p < GEMV_ROWS ? g->k - p : GEMV_ROWS;
        const float *a = g->a + p, *b = g->b + p * g->ldb;
        const bool last = p + rows == g->k;
        for (size_t j = 0; j < full; j += VL) {
            vf acc = v_load(g->c + j);
            if (rows == GEMV_ROWS) {
                UNROLL
                for (size_t r = 0; r < GEMV_ROWS; r++)
                    acc = v_fma(v_set1(a[r]), v_load(b + r * g->ldb + j), acc);
            } else {
                acc = gemv_rows_add(acc, a, b + j, g->ldb, rows, VL);
            }
            gemv_rows_put(g, j, acc, last, VL);
        }
        if (!rest) continue;
        const vf acc = v_load_n(g->c + full, rest, 0.0f);
        gemv_rows_put(g, full, gemv_rows_add(acc, a, b + full, g->ldb, rows, rest), last, rest);
    }
}

#endif
