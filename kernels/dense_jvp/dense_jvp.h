/* dense_jvp: how fast the output of a fully connected layer moves, given how its input, weights and bias move.
 *
 *   dst[i][j] = skip prev[i][j] + db[j] + sum over p of dsrc[i][p] * w[p][j] + sum over r of u[i][r] * v[r][j],
 *               +0 where a mask says that the output was rectified
 *
 * u v stands for src dw, with dw the velocity of w. A step of gradient descent has dw = -eta src' ddst, of rank
 * m at most, and need not form it: src dw = (-eta src src') ddst, so that u is -eta times the Gram matrix of
 * the inputs (-eta more in each element where the bias moves too), v is ddst and q = m: 2 m m n flops in place of
 * 2 m n k and k n stores. With u = src, v = dw and q = k the same call takes a dw that is formed, mask (dsrc w +
 * src dw + db), by one pass over w.
 *
 * dst     m x n, row i at dst + i ld_dst, any alignment. May be prev, with the same leading dimension; overlaps
 *         no other operand.
 * dsrc    m x k, row i at dsrc + i ld_dsrc: the velocity of the input. Any alignment and read only, as all below.
 * w       plain: k x n, row p at w + p ld_w; packed: as dense_pack writes it without transpose, ld_w unused.
 * u, v    m x q and q x n, row i at u + i ld_u and at v + i ld_v; with q = 0 unused.
 * db      n floats, or NULL for none.
 * prev    m x n, row i at prev + i ld_prev: the velocity that a skip connection adds; or NULL for none, which leaves
 *         skip unused.
 * act     NULL, or m x n, row i at act + i ld_act: the layer's output, which was the output of a ReLU. dst[i][j]
 *         is kept where !(act[i][j] <= 0), else +0.
 * m, n, k, q  any value; without terms a sum is +0. ld_dst, ld_v, ld_prev, ld_act and plain ld_w >= n,
 *         ld_dsrc >= k, ld_u >= q.
 * Special NaN and Inf follow IEEE 754; which NaN comes out is not specified. A NaN in act keeps.
 * Order   part of the contract: acc starts as db[j] (+0 without); with prev acc = fma(skip, prev[i][j], acc); then
 *         acc = fma(dsrc[i][p], w[p][j], acc) for p = 0 .. k-1 in order; then acc = fma(u[i][r], v[r][j], acc)
 *         for r = 0 .. q-1 in order, whatever m, the layout or the threads. Every variant returns the same words
 *         (the omp lanes too, where the compiler keeps that order).
 * Error   s = k + q steps, one more with prev, that round once each: |dst - exact| <= gamma_s (|db| + |skip prev|
 *         + sum |dsrc| |w| + sum |u| |v|) + s 2^-149, gamma_s = s u / (1 - s u), u = 2^-24, the last term for
 *         subnormal roundings; a masked element is exact.
 * Cost    2 m n (k + q) flops, with prev 2 m n more; 4 (m k + k n + m q + q n) bytes read, with db 4 n more, with
 *         prev and with a mask 4 m n more each; 4 m n written.
 * Source  Chizat and Netrapalli, The feature speed formula (NeurIPS 2024, arXiv 2311.18718): feature velocities.
 */
#ifndef DENSE_JVP_H
#define DENSE_JVP_H

#include <stdbool.h>
#include <stddef.h>

/* Operands of the spec, whose shapes have q as depth. Flags: mask, packed, skip, nobias. */
enum {
    DENSE_JVP_DST,
    DENSE_JVP_DSRC,
    DENSE_JVP_W,
    DENSE_JVP_U,
    DENSE_JVP_V,
    DENSE_JVP_DB,
    DENSE_JVP_PREV,
    DENSE_JVP_ACT,
    DENSE_JVP_PACKED
};
enum {
    DENSE_JVP_FLAG_MASK = 1,
    DENSE_JVP_FLAG_PACKED = 2,
    DENSE_JVP_FLAG_SKIP = 4,
    DENSE_JVP_FLAG_NOBIAS = 8
};
/* The factor of prev in every case of the spec: exact, and not 1. */
#define DENSE_JVP_SKIP 0.75f

struct dense_jvp {
    float *dst;
    const float *dsrc, *w, *u, *v, *db, *prev, *act;
    size_t m, n, k, q;
    size_t ld_dst, ld_dsrc, ld_w, ld_u, ld_v, ld_prev, ld_act;
    float skip;
    bool packed;
};
typedef void dense_jvp_fn(const struct dense_jvp *a);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void dense_jvp(const struct kernel_set *set, int threads, const struct dense_jvp *a);

#endif
