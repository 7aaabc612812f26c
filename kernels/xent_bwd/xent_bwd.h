/* xent_bwd: the gradient of xent_fwd by its logits.
 *
 *   dsrc[i][j] = (min(e^(src[i][j] / tau - lse[i]), 1) - (j == target[i])) * dloss[i] / tau       a class a row, or
 *   dsrc[i][j] = (min(e^(src[i][j] / tau - lse[i]), 1) - probs[i][j]) * dloss[i] / tau            a distribution a row
 *
 * dsrc    m x n, row i at dsrc + i ld_dsrc, any alignment; the same matrix as src with the same leading dimension, or
 *         no overlap.
 * src     m x n logits, row i at src + i ld_src, any alignment; read only unless it is dsrc.
 * lse     m floats: what xent_fwd wrote for them; read only.
 * target  m classes, each at least 0 and below n (with n = 0 they are not looked at); or NULL.
 * probs   m x n, row i at probs + i ld_probs, any alignment; read only. Where target is NULL.
 * dloss   m floats, the gradient of each loss: 1 / m for their mean, 0 for a row that is not to count; read only. With
 *         probs dsrc is their gradient where the row of probs sums to 1.
 * m       any value.
 * n       below 2^31. Each leading dimension is at least n.
 * tau     positive; it and 1 / tau are finite.
 * Special NaN where lse or src is; a class of -inf has probability +0, as has one below 2^-126.5.
 * Order   part of the contract: r = 1 / tau, t = min(fma(x_j, r, -lse), 0), e = 2^(t LOG2_E),
 *           dsrc_j = (e - y_j) (dloss r),   or e (dloss r) for a class that is not the target
 *         each step rounded, 2^ being v_exp2_nonpositive of simd/exp2.h. The same words on every lane.
 * Error   u = 2^-24, t exactly x_j / tau - lse: it is found within o = u (|x_j / tau| + 3 |t|) (1 + 4 u), so e lies
 *         between e^(t - o) (1 - 4 u) - 2^-126 and min(e^(t + o), 1) (1 + 4 u) + 2^-126; the difference, 1 / tau and
 *         two products are rounded, dloss / tau to a subnormal too. That lse itself was rounded is not counted: it is u |lse| of e.
 * Cost    18 m n flops; 4 m n bytes read, 8 with probs, 4 m n written.
 * Source  as xent_fwd.
 */
#ifndef XENT_BWD_H
#define XENT_BWD_H

#include <stddef.h>
#include <stdint.h>

#include "../base/status.h"

/* Operands of the spec, whose scale is tau. Flag: soft, which has probs for target. */
enum { XENT_BWD_DSRC, XENT_BWD_SRC, XENT_BWD_TARGET, XENT_BWD_PROBS, XENT_BWD_LSE, XENT_BWD_DLOSS };
enum { XENT_BWD_FLAG_SOFT = 1 };

struct xent_bwd {
    float *dsrc;
    const float *src, *lse, *dloss;
    const int32_t *target;
    const float *probs;
    size_t m, n, ld_dsrc, ld_src, ld_probs;
    float tau;
};
typedef void xent_bwd_fn(const struct xent_bwd *a);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. STATUS_DATA where a target is no class:
 * nothing is written then. */
enum status xent_bwd(const struct kernel_set *set, int threads, const struct xent_bwd *a);

#endif
