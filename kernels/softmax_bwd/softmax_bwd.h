/* softmax_bwd: the gradient of softmax_fwd.
 *
 *   dsrc[i][j] = dst[i][j] * (ddst[i][j] - sum over k of dst[i][k] * ddst[i][k]) / tau
 *
 * dsrc    m x n, row i at dsrc + i ld_dsrc, any alignment; the same matrix as ddst or dst with the same leading
 *         dimension, or no overlap.
 * ddst    m x n, row i at ddst + i ld_ddst, any alignment: the gradient of the softmax.
 * dst     m x n, row i at dst + i ld_dst, any alignment: what softmax_fwd wrote. Both are read only unless they are
 *         dsrc, and may be the same matrix.
 * m, n    any values. Each leading dimension is at least n.
 * tau     positive; it and 1 / tau are finite.
 * Special IEEE 754: a NaN, or an infinite product, reaches its whole row; which NaN comes out is not specified.
 * Order   part of the contract, for each row: r = 1 / tau;
 *           s = sum of dst_j ddst_j (fused),   dsrc_j = (dst_j r) (ddst_j - s)
 *         each step rounded. Element j joins partial j mod 64 of the sum (from +0), then partial p takes partial p + h
 *         for h = 32, 16, 8, 4, 2, 1. The same words on every lane.
 * Error   u = 2^-24, g = gamma_t = t u / (1 - t u), t = ceil(n / 64) + 6: s is within
 *           e = g sum |dst_j ddst_j| + n 2^-149
 *         of the exact sum, so dsrc_j of the exact value within
 *           |dst_j| / tau ((|ddst_j - s| + e) gamma_4 + e) + 2^-149 (1 + |ddst_j - s| + e).
 * Cost    5 m n flops; 8 m n bytes read, 4 m n written. A row is read from memory once where its three fit into L2.
 * Source  attention, and the distribution over classes: papers.
 */
#ifndef SOFTMAX_BWD_H
#define SOFTMAX_BWD_H

#include <stddef.h>

enum {
    SOFTMAX_BWD_DSRC,
    SOFTMAX_BWD_DDST,
    SOFTMAX_BWD_DST
};                               /* operands of the spec, whose scale is tau */
enum { SOFTMAX_BWD_PARTS = 64 }; /* partials of a row's sum */

struct softmax_bwd {
    float *dsrc;
    const float *ddst, *dst;
    size_t m, n, ld_dsrc, ld_ddst, ld_dst;
    float tau;
};
typedef void softmax_bwd_fn(const struct softmax_bwd *a);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void softmax_bwd(const struct kernel_set *set, int threads, const struct softmax_bwd *a);

#endif
