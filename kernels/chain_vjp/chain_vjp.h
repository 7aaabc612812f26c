/* chain_vjp: the pullback through a chain of dense layers with skip connections: what a gradient of the last
 * features is for all features before them (a vector-Jacobian product).
 *
 *   b_depth = ddst;  b_l = d_l * (b_{l+1} transpose(w_{l+1})) + skip_{l+1} b_{l+1} + skip_{l+2} b_{l+2}
 *
 * the second term where over_{l+1} = 1, the third where over_{l+2} = 2; d_l is 0 where q_l <= 0, else 1.
 *
 * chain   base/chain.h; rates, biases and untransposed weights are not looked at.
 * back    b_1 .. b_depth: chain_offset(chain, depth + 1) floats. Overlaps nothing but that b_depth may be ddst.
 * dsrc    m x k, k of the first layer: b_1 transpose(w_1), the gradient of the input; NULL where it is not needed.
 * ddst    m x n of the last layer; read only.
 * acts    q_1 .. q_depth as chain_fwd writes them; read only, q_depth not at all. Unused if linear.
 * Any alignment, rows without gaps.
 * m, depth and the layers' sizes  any value that chain_check() passes; depth = 0 writes nothing.
 * Special as the rooms say; a NaN among the activations keeps the gradient.
 * Order   part of the contract: dense_bwd_data with its mask, then axpy for the skip connections, nearer first. The same words on
 *         every lane and for any number of threads.
 * Error   each layer errs as its room says of the operands that it has; what that comes to is base/perturbed.h's.
 * Cost    2 m k n flops a layer but the first, unless dsrc asks for it; those weights read once.
 * Source  backward pass b_l of Chizat, Netrapalli, "The feature speed formula", NeurIPS 2024, arXiv 2311.18718.
 */
#ifndef CHAIN_VJP_H
#define CHAIN_VJP_H

#include "../base/chain.h"

/* Operands of the spec: chain_case.h says what its shapes and flags are; one flag more: nodsrc. */
enum {
    CHAIN_VJP_BACK,
    CHAIN_VJP_DSRC,
    CHAIN_VJP_DDST,
    CHAIN_VJP_ACTS,
    CHAIN_VJP_W,
    CHAIN_VJP_PACKED
};
enum { CHAIN_VJP_FLAG_NODSRC = 16 };

struct chain_vjp {
    const struct chain *chain;
    float *back, *dsrc;
    const float *ddst, *acts;
};

struct kernel_set;
/* On up to `threads` threads: each room takes those that pay. */
void chain_vjp(const struct kernel_set *set, int threads, const struct chain_vjp *a);

#endif
