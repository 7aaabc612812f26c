/* chain_fwd: the forward pass of a chain of dense layers with skip connections.
 *
 *   f_l = bias_l + skip_l f_{l - over_l} + q_{l-1} w_l,  l = 1 .. depth;  q_0 = src;  q_l = max(f_l, 0), or f_l if linear
 *
 * chain   base/chain.h; rates and transposed weights are not looked at.
 * acts    q_1 .. q_{depth-1}, then f_depth, which is not rectified: chain_offset(chain, depth + 1) floats. Overlaps
 *         nothing.
 * feats   f_1 .. f_{depth-1}, as many floats as lie before f_depth in acts; NULL unless chain_keeps_features(chain): without skip
 *         connections the layers rectify on the way. Overlaps nothing.
 * src     m x k, k of the first layer, rows without gaps; read only.
 * Any alignment.
 * m, depth and the layers' sizes  any value that chain_check() passes; depth = 0 writes nothing.
 * Special as the rooms say: NaN and infinities pass from layer to layer, ReLU lets NaN and -0 through.
 * Order   part of the contract: with a skip connection dense_jvp (db = bias_l, prev = f_{l - over_l}, no second product), else dense_fwd;
 *         then relu_fwd, or within dense_fwd. The same words on every lane and for any number of threads.
 * Error   each layer errs as its room says of the operands that it has; what that comes to is base/perturbed.h's.
 * Cost    2 m k n flops a layer, all weights read once.
 * Source  Chizat, Netrapalli, "The feature speed formula", NeurIPS 2024, arXiv 2311.18718.
 */
#ifndef CHAIN_FWD_H
#define CHAIN_FWD_H

#include "../base/chain.h"

/* Operands of the spec: chain_case.h says what its shapes and flags are. */
enum {
    CHAIN_FWD_ACTS,
    CHAIN_FWD_FEATS,
    CHAIN_FWD_SRC,
    CHAIN_FWD_W,
    CHAIN_FWD_BIAS,
    CHAIN_FWD_PACKED
};

struct chain_fwd {
    const struct chain *chain;
    float *acts, *feats;
    const float *src;
};

struct kernel_set;
/* On up to `threads` threads: each room takes those that pay. */
void chain_fwd(const struct kernel_set *set, int threads, const struct chain_fwd *a);

#endif
