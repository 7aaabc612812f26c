/* chain: dense layers one after the other, with skip connections over one or two of them: ReLU MLPs, and
 * ResNets with branches of one or two layers. What the rooms chain_*, angle_sweep and bfk_* work on.
 *
 *   f_l = bias_l + skip_l f_{l - over_l} + q_{l-1} w_l,  l = 1 .. depth;  q_0 = src;  q_l = max(f_l, 0), or f_l if linear
 *
 * f_l, the features, are m x n_l: one row an input. A factor on a branch is part of w_l: with w = beta v and v trained
 * at the rate eta, rate = eta beta^2.
 *
 * Matrices of all layers lie one behind the other: that of layer l begins chain_offset(c, l) floats in, and its rows
 * have no gaps.
 */
#ifndef BASE_CHAIN_H
#define BASE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "status.h"

struct chain_layer {
    const float *w;    /* k x n, as dense_pack writes it */
    const float *wt;   /* the same weights, as dense_pack writes them with transpose */
    const float *bias; /* n floats, or NULL for none */
    size_t k, n;       /* k is the n of the layer before */
    size_t over; /* 0: no skip connection; 1 or 2: from f_{l - over}, which is as wide; l > over */
    float skip;
    float rate; /* of gradient descent, for w and bias; 0: they are not trained */
};

struct chain {
    const struct chain_layer *layer; /* layer l is layer[l - 1] */
    size_t m, depth;
    bool linear;
};

/* STATUS_DATA names the layer that does not follow from those before it. */
enum status chain_check(const struct chain *c);

/* l from 1; depth + 1 gives the floats of all layers. */
size_t chain_offset(const struct chain *c, size_t l);
/* The most columns that a layer has. */
size_t chain_widest(const struct chain *c);
/* Of all layers' weights. */
size_t chain_weights(const struct chain *c);
/* True where no skip connection passes over f_l: whatever the layers up to l do, they do through it. */
bool chain_cuts(const struct chain *c, size_t l);
/* True where features are needed beside their rectified values. */
bool chain_keeps_features(const struct chain *c);

#endif
