/* chain_grads: the norms of all layers' gradients, whose matrices are never formed.
 *
 *   gram_l = q_{l-1} transpose(q_{l-1}), + 1 where layer l has a bias;   beta = b_l transpose(b_l)
 *   grad2[l-1] = |dw_l|_F^2 + |dbias_l|^2 = sum over i, j of gram_l[i][j] beta[i][j]
 *
 * since dw_l = transpose(q_{l-1}) b_l has rank m.
 *
 * chain   base/chain.h; weights and rates are not looked at.
 * grad2   depth doubles.
 * gram    depth times m x m: what chain_jvp takes.
 * acts    q_1 .. q_depth as chain_fwd writes them, src q_0, back b_1 .. b_depth as chain_vjp writes them; read only.
 * scratch m m floats of work space.
 * Any alignment, rows without gaps; no overlap among what is written.
 * m, depth and the layers' sizes  any value that chain_check() passes.
 * Special IEEE 754; which NaN comes out is not specified. An infinite gram_l or beta with a 0 in the other is NaN.
 * Order   part of the contract: gram_l and beta as dense_bwd_data of plain weights, for m = 1 as dot_norms, rounded once to f32; + 1
 *         is one addition in f32; grad2 is dot_norms' inner product of the two. The same words on every lane and for
 *         any number of threads.
 * Error   of an element of a Gram matrix, a sum of n terms: gamma_n sum |terms| + n 2^-149, gamma_n = n u / (1 - n u),
 *         u = 2^-24, for m = 1 u of it; + u |gram| for the 1; with those as e and g: |grad2 - exact| <= sum of |gram| e + |beta| g + e g.
 * Cost    2 m^2 (k + n + 1) flops a layer; in place of 2 m k n for a formed gradient.
 * Source  |grad_l|^2 of Chizat, Netrapalli, "The feature speed formula", NeurIPS 2024, arXiv 2311.18718.
 */
#ifndef CHAIN_GRADS_H
#define CHAIN_GRADS_H

#include "../base/chain.h"

/* Operands of the spec: chain_case.h says what its shapes and flags are. */
enum {
    CHAIN_GRADS_GRAD2,
    CHAIN_GRADS_GRAM,
    CHAIN_GRADS_ACTS,
    CHAIN_GRADS_SRC,
    CHAIN_GRADS_BACK,
    CHAIN_GRADS_SCRATCH
};

struct chain_grads {
    const struct chain *chain;
    double *grad2;
    float *gram, *scratch;
    const float *acts, *src, *back;
};

struct kernel_set;
/* On up to `threads` threads: each room takes those that pay. */
void chain_grads(const struct kernel_set *set, int threads, const struct chain_grads *a);

#endif
