/* gemv: one row times the transpose of a matrix, which is turned in registers.
 *
 *   c[p] = sum over j of a[j] * w[p][j], +0 where mask is given and mask[p] <= 0       p < k, j < n
 *
 * w       the sixteen elements (p, j) to (p, j + 15), j a multiple of 16, lie at w + p step_p + j / 16 step_j.
 *         With padded they can all be read, though those past n do not count.
 * Order   acc starts as +0 and takes its n terms one by one, j ascending, each by one fused step.
 *
 * Every element of w is used once: a block of 16 x 16 is turned and used at once, two of them in turn, since
 * each has a chain of dependent sums.
 */
#ifndef SIMD_GEMV_H
#define SIMD_GEMV_H

#include <stdbool.h>

#include "tile.h"

struct gemv {
    float *c;
    const float *a, *w, *mask;
    size_t n, k, step_p, step_j;
    bool padded;
};

/* Takes up to 16 terms for up to 16 elements of c. */
V_INLINE vf gemv_block(vf acc, const struct gemv *g, size_t p, size_t j, int rows, int terms)
{
    const float *w = g->w + p * g->step_p + j / VL * g->step_j, *a = g->a + j;
    vf r[VL];
    tile_turn(r, w, g->step_p, rows, g->padded ? VL : terms);
    UNROLL
    for (int i = 0; i < VL; i++)
        if (i < terms) acc = v_fma(v_set1(a[i]), r[i], acc);
    return acc;
}

V_INLINE void gemv_put(const struct gemv *g, size_t p, vf acc, int rows)
{
    if (g->mask) acc = v_keep(v_nle(v_load_rest(g->mask + p, rows), v_zero()), acc);
    v_store_rest(g->c + p, acc, rows);
}

static inline void gemv(const struct gemv *g)
{
    const size_t whole = g->n - g->n % VL;
    const int rest = (int)(g->n % VL);
    size_t p = 0;
    for (; p + 2 * VL <= g->k; p += 2 * VL) {
        vf acc[2] = {v_zero(), v_zero()};
        for (size_t j = 0; j < whole; j += VL) {
            acc[0] = gemv_block(acc[0], g, p, j, VL, VL);
            acc[1] = gemv_block(acc[1], g, p + VL, j, VL, VL);
        }
        if (rest) {
            acc[0] = gemv_block(acc[0], g, p, whole, VL, rest);
            acc[1] = gemv_block(acc[1], g, p + VL, whole, VL, rest);
        }
        gemv_put(g, p, acc[0], VL);
        gemv_put(g, p + VL, acc[1], VL);
    }
    for (; p < g->k; p += VL) {
        const int rows = g->k - p < VL ? (int)(g->k - p) : VL;
        vf acc = v_zero();
        for (size_t j = 0; j < g->n; j += VL)
            acc = gemv_block(acc, g, p, j, rows, j < whole ? VL : rest);
        gemv_put(g, p, acc, rows);
    }
}

#endif
