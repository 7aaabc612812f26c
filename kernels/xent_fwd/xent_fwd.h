/* xent_fwd: the cross entropy of softmax(src / tau) with targets, by rows, straight from the logits: no probability is
 * written.
 *
 *   lse[i]  = ln(sum over j of e^(src[i][j] / tau))
 *   loss[i] = lse[i] - src[i][target[i]] / tau                             a class a row, or
 *   loss[i] = sum over j of probs[i][j] * (lse[i] - src[i][j] / tau)       a distribution a row
 *
 * loss, lse  m floats each; overlap nothing. lse is what xent_bwd needs.
 * src     m x n logits, row i at src + i ld_src, any alignment; read only.
 * target  m classes, each at least 0 and below n (with n = 0 they are not looked at); or NULL.
 * probs   m x n, row i at probs + i ld_probs, any alignment; read only. Where target is NULL.
 * m       any value.
 * n       below 2^31. ld_src >= n, with probs ld_probs >= n.
 * tau     positive; it and 3 / tau are finite.
 * Special NaN where the row of src holds NaN or +inf, or nothing but -inf. A class of -inf adds nothing to lse; as
 *         the target its loss is +inf, and with a probability p it adds p inf, which is NaN for p = 0. With n = 0 lse
 *         is -inf and loss NaN. Finite logits of any size are fine; the loss of a target more than FLT_MAX
 *         below the greatest logit is +inf at any tau. With probs, logits less than FLT_MAX apart are fine.
 * Order   part of the contract, for each row: max is the greatest logit, r = 1 / tau, d_j = x_j - max,
 *           s = sum of 2^(d_j (LOG2_E / tau)),  l = log(s),  lse = fma(max, r, l)
 *           loss = fma(max - x_target, r, l), or with p = sum of p_j and a = sum of p_j d_j (fused): fma(-a, r, p l)
 *         each step rounded, 2^ and log being those of simd/exp2.h and simd/vec_math.h. Element j joins partial
 *         j mod 16 of each sum (from +0), then partial p takes partial p + h for h = 8, 4, 2, 1. The same words on
 *         every lane.
 * Error   u = 2^-24, g = gamma_t = t u / (1 - t u), t = ceil(n / 16) + 5, E the ULP of log; S-, S+ as in softmax_fwd.
 *           l:      between ln(S- (1 - g)) and ln(S+ (1 + g)), and E 2^-23 of itself: e_l
 *           lse:    e_l + u |max / tau| + u |lse|
 *           loss:   e_l + 2 u (max - x_target) / tau + u loss; or, with P = sum |p_j|, A = sum |p_j d_j|,
 *                   P (1 + g) e_l + (g + u) P |l| + (g + 2 u) A / tau + u |loss|
 *         to first order, and subnormal roundings.
 * Cost    18 m n flops, 22 with probs; 4 m n bytes read, 8 with probs. A row is read from memory once where it fits
 *         into L2.
 * Source  the classifier's loss, and at a temperature Hinton, Vinyals, Dean, "Distilling the knowledge in a neural
 *         network", arXiv:1503.02531.
 */
#ifndef XENT_FWD_H
#define XENT_FWD_H

#include <stddef.h>
#include <stdint.h>

#include "../base/status.h"

/* Operands of the spec, whose scale is tau. Flag: soft, which has probs for target. */
enum { XENT_FWD_LOSS, XENT_FWD_LSE, XENT_FWD_SRC, XENT_FWD_TARGET, XENT_FWD_PROBS };
enum { XENT_FWD_FLAG_SOFT = 1 };

struct xent_fwd {
    float *loss, *lse;
    const float *src;
    const int32_t *target;
    const float *probs;
    size_t m, n, ld_src, ld_probs;
    float tau;
};
typedef void xent_fwd_fn(const struct xent_fwd *a);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. STATUS_DATA where a target is no class:
 * nothing is written then. */
enum status xent_fwd(const struct kernel_set *set, int threads, const struct xent_fwd *a);

#endif
