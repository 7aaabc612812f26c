/* attn_bwd: the backward pass of attn_fwd, the probabilities computed anew, on one team of threads.
 *
 *   s_ij = scale q_i . k_j;   p_ij = exp(s_ij - lse_i);   D_i = do_i . o_i;   ds_ij = p_ij (do_i . v_j - D_i)
 *   dq_i = scale sum over j of ds_ij k_j;   dk_j = scale sum over i of ds_ij q_i;   dv_j = sum over i of p_ij do_i
 *   over the pairs that attn_fwd has: all, with causal those with j <= i
 *
 * dq, dk, dv   batch x heads x t x d at the strides dq_by, dk_by, dv_by, any alignment. Overlap nothing.
 * grad    do, the gradient of o, at the strides grad_by; o and lse as attn_fwd writes them, q, k and v as it read
 *         them. All read only. The packed layout of attn_fwd is possible for the gradients too.
 * scratch attn_bwd_scratch(batch, heads, t) floats of work space, any alignment.
 * batch, heads, t   any value.
 * d       0 to ATTN_BWD_D.
 * Special NaN and Inf follow IEEE 754; which NaN comes out is not specified.
 * Order   part of the contract. q' = scale q and k' = scale k are rounded once. s as in attn_fwd; g_ij = +0, then
 *         fma(do_ic, v_jc, g_ij) for c = 0 .. d-1; D_i as dot_fwd: term c joins partial c mod 16, then partial p
 *         takes partial p + h for h = 8, 4, 2, 1. p = exp(s - lse) of simd/vec_math.h and ds = p (g - D), each
 *         step rounded. From +0 dq_ip takes fma(ds_ij, k'_jp, dq_ip), j ascending; dk_jp fma(ds_ij, q'_ip, dk_jp)
 *         and dv_jc fma(p_ij, do_ic, dv_jc), i ascending. A masked pair within the same ATTN_BWD_STRIP positions
 *         (i div 16 = j div 16) takes part with p = ds = +0: a NaN or Inf of a later position reaches those of its
 *         strip. The same words whatever the layout, the team and the variant.
 * Error   u = 2^-24, gamma_n = n u / (1 - n u), norms Euclidean.
 *           e  = gamma_{d+1} |scale| |q| |k| + 2^-149 (sqrt(d) |k| + d),   x = e + u (|s - lse| + e) + 2 u
 *           dp = p (e^x - 1) + 2^-126, at most 1, as p is
 *           dw = gamma_d |do| |v| + gamma_{d/16+6} |do| |o| + u |w|', of w = g - D, |w|' its magnitude with errors
 *           ds errs by p dw + dp |w|' + u |ds|'
 *           |dv' - dv| <= sum dp |do| + gamma_{t+1} sum (p + dp) |do| + t 2^-149;
 *         dk and dq likewise, with ds, q' and k'. Where the magnitudes of a sum can reach FLT_MAX, and in what
 *         depends on it, nothing is promised but the same words.
 * Cost    10 d flops for each pair, and an exp.
 * Source  FlashAttention, arXiv:2205.14135, appendix B.
 */
#ifndef ATTN_BWD_H
#define ATTN_BWD_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/strides.h"

/* Operands of the spec. m is the batch, n is t, k is d. O and LSE are prepared by attn_fwd. Flags: causal, packed
 * (q, k and v in the rows of one array, and so their gradients). */
enum {
    ATTN_BWD_DQ,
    ATTN_BWD_DK,
    ATTN_BWD_DV,
    ATTN_BWD_GRAD,
    ATTN_BWD_O,
    ATTN_BWD_LSE,
    ATTN_BWD_Q,
    ATTN_BWD_K,
    ATTN_BWD_V,
    ATTN_BWD_SCRATCH
};
enum { ATTN_BWD_FLAG_CAUSAL = 1, ATTN_BWD_FLAG_PACKED = 2 };

enum {
    ATTN_BWD_D = 1024,
    ATTN_BWD_STRIP = 16, /* positions that are masked together */
    ATTN_BWD_BLOCK =
        64, /* positions of a block, of heads wider than 256 fewer; says nothing of the results */
};

struct attn_bwd {
    float *dq, *dk, *dv, *scratch;
    const float *grad, *o, *lse, *q, *k, *v;
    struct strides dq_by, dk_by, dv_by, grad_by, o_by, q_by, k_by, v_by;
    size_t batch, heads, t, d;
    float scale;
    bool causal;
};

struct team;
/* Called by every member of the team with the same arguments; returns when this member's part is done, which
 * says nothing of the others'. */
typedef void attn_bwd_fn(const struct attn_bwd *a, const struct team *team);

/* D of every row. */
static inline size_t attn_bwd_scratch(size_t batch, size_t heads, size_t t)
{
    return batch * heads * t;
}

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void attn_bwd(const struct kernel_set *set, int threads, const struct attn_bwd *a);

#endif
