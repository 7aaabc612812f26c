/* angle_sweep: the angle between what a step of gradient descent does to the features of each layer and the backward
 * pass, for a whole MLP or ResNet in one sweep: forward, backward, gradients' norms, velocities.
 *
 *   chain_fwd (src)  ->  chain_vjp (ddst)  ->  chain_grads  ->  chain_jvp
 *
 * chain   base/chain.h, with the rates of the step.
 * src     m x k of the first layer; ddst, m x n of the last, the gradient of the loss there; read only.
 * acts, feats, back, gram, grad2  as chain_fwd, chain_vjp and chain_grads write them. feats NULL unless
 *         chain_keeps_features(chain).
 * dst     v_depth, m x n of the last layer; table, depth x CHAIN_JVP_FIELDS, both as chain_jvp writes them.
 * scratch angle_sweep_scratch(chain) floats of work space.
 * Any alignment, rows without gaps; no overlap.
 * m, depth and the layers' sizes  any value that chain_check() passes.
 * Special, Order, Error  as those rooms say: the same words on every lane and for any number of threads.
 * Cost    2 m k n flops a layer forward, but for the first layer as many backward and for the velocity, and 2 m^2 (k + 2 n): 1.5 times
 *         forward and backward alone. Three passes over the weights, and fewer cannot be: v_l needs
 *         b_1 .. b_l, so that the velocity sweep begins where the backward pass ends, and the backward pass needs
 *         the output, where the forward pass ends. What one pass leaves in the caches the next one, which
 *         goes the other way, finds there. In training the velocity of one step can share its pass with
 *         the forward pass of the next.
 * Source  Chizat, Netrapalli, "The feature speed formula", NeurIPS 2024, arXiv 2311.18718.
 */
#ifndef ANGLE_SWEEP_H
#define ANGLE_SWEEP_H

#include "../base/chain.h"

/* Operands of the spec: chain_case.h says what its shapes are; one flag more: backprop, forward and backward
 * alone, what an estimate of the angles is compared with. */
enum {
    ANGLE_SWEEP_ACTS,
    ANGLE_SWEEP_FEATS,
    ANGLE_SWEEP_BACK,
    ANGLE_SWEEP_GRAM,
    ANGLE_SWEEP_GRAD2,
    ANGLE_SWEEP_TABLE,
    ANGLE_SWEEP_SRC,
    ANGLE_SWEEP_DDST,
    ANGLE_SWEEP_W,
    ANGLE_SWEEP_BIAS,
    ANGLE_SWEEP_PACKED,
    ANGLE_SWEEP_PACKED_T,
    ANGLE_SWEEP_SCRATCH
};
enum { ANGLE_SWEEP_FLAG_BACKPROP = 16 };

struct angle_sweep {
    const struct chain *chain;
    float *acts, *feats, *back, *gram, *dst, *scratch;
    double *grad2, *table;
    const float *src, *ddst;
};

size_t angle_sweep_scratch(const struct chain *c);

struct kernel_set;
/* On up to `threads` threads: each room takes those that pay. dst may be NULL. */
void angle_sweep(const struct kernel_set *set, int threads, const struct angle_sweep *a);

/* What the sweep says of a layer: cos(theta_l), NaN where nothing moves or nothing comes back; |v_l| and |b_l|, Frobenius norms;
 * the first-order decay of the loss that the layer's own weights contribute, rate |grad|^2; and that of all layers up to it.
 * Where chain_cuts(chain, l) that is v_l . b_l, the feature speed formula: |v_l| = decay_up_to / (|b_l| cos). */
struct angle {
    double cosine, velocity, backward, decay, decay_up_to;
};
/* l from 1. */
struct angle angle_of(const struct angle_sweep *a, size_t l);

#endif
