/* chain_jvp: how a step of gradient descent on all weights moves the features, and at which angle to the backward
 * pass: the velocity sweep (a Jacobian-vector product) through a chain of dense layers with skip connections.
 *
 *   v_l = skip_l v_{l - over_l} + (d_{l-1} * v_{l-1}) w_l + rate_l gram_l b_l,   v_0 = 0,   l = 1 .. depth
 *   table[l-1] = v_l . b_l, |v_l|^2, |b_l|^2
 *
 * v_l is minus the first-order update of f_l when each dw_j = -rate_j transpose(q_{j-1}) b_j, and biases likewise:
 * d_l is 0 where q_l <= 0, else 1. cos(theta_l) = v_l . b_l / (|v_l| |b_l|). Where f_l cuts the chain (chain_cuts()) v_l = K_l b_l with the
 * backward-to-feature kernel K_l, and v_l . b_l = sum over j <= l of rate_j |grad_j|^2: the feature speed formula. Within a branch of
 * two layers some of the gradients come by the connection instead of f_l.
 *
 * chain   base/chain.h; biases and transposed weights are not looked at.
 * dst     v_depth, m x n of the last layer; or NULL.
 * table   depth x CHAIN_JVP_FIELDS doubles, or NULL where the angles are not needed.
 * acts    q_1 .. q_depth as chain_fwd writes them, back b_1 .. b_depth as chain_vjp, gram as chain_grads; read only.
 * scratch chain_jvp_scratch(chain) floats of work space.
 * Any alignment, rows without gaps; no overlap.
 * m, depth and the layers' sizes  any value that chain_check() passes.
 * Special as the rooms say; a NaN among the activations keeps the velocity.
 * Order   part of the contract: the mask as relu_bwd, u = rate_l gram_l rounded once, v_l as dense_jvp with prev = v_{l - over_l}, no
 *         second product where rate_l = 0, no first one for l = 1; the table as dot_norms. The same words on every
 *         lane and for any number of threads.
 * Error   each layer errs as its room says of the operands that it has; what that comes to is base/perturbed.h's. With e the bound on
 *         v_l the dot errs by sum of e |b|, the square by sum of 2 |v| e + e^2, beside dot_norms' own.
 * Cost    2 m k n flops a layer but the first and 2 m^2 n, all those weights read once: the third pass over them, since v_l needs
 *         b_1, which is the last that the backward pass finds.
 * Source  Chizat, Netrapalli, "The feature speed formula", NeurIPS 2024, arXiv 2311.18718.
 */
#ifndef CHAIN_JVP_H
#define CHAIN_JVP_H

#include "../base/chain.h"

/* Operands of the spec: chain_case.h says what its shapes and flags are. */
enum {
    CHAIN_JVP_DST,
    CHAIN_JVP_TABLE,
    CHAIN_JVP_ACTS,
    CHAIN_JVP_BACK,
    CHAIN_JVP_GRAM,
    CHAIN_JVP_W,
    CHAIN_JVP_PACKED,
    CHAIN_JVP_SCRATCH
};
/* Of a row of the table: as dot_norms writes them. */
enum { CHAIN_JVP_DOT, CHAIN_JVP_VELOCITY2, CHAIN_JVP_BACKWARD2, CHAIN_JVP_FIELDS };

struct chain_jvp {
    const struct chain *chain;
    float *dst;
    double *table;
    const float *acts, *back, *gram;
    float *scratch;
};

size_t chain_jvp_scratch(const struct chain *c);

struct kernel_set;
/* On up to `threads` threads: each room takes those that pay. */
void chain_jvp(const struct kernel_set *set, int threads, const struct chain_jvp *a);

#endif
