/* train_step: a step of training of a ReLU MLP: forward, loss, backward, update; or the first of these alone.
 *
 *   h_0 = src;  h_l = relu(h_{l-1} w_l + bias_l), l = 1 .. depth, without the relu for l = depth
 *   loss[i] = the cross entropy of softmax(h_depth[i] / tau) with target[i] or probs[i], or with square
 *             sum over j of (h_depth[i][j] - probs[i][j])^2 / 2
 *   grad = gradient of sum over i of dloss[i] loss[i]
 *   AdamW of grad, in PyTorch's form, with decay of all parameters (Adam where decay is 0); or with sgd gradient
 *   descent
 *
 * net     base/mlp_layout.h; depth >= 1. param, grad and AdamW's moments moment1, moment2 (zeros before the first
 * step) lie
 *         as it says.
 * src     m x width[0], row i at src + i ld_src; read only.
 * probs   m x mlp_classes(), rows without gaps; or, with a cross entropy, NULL, and then
 * target  m classes, each at least 0 and below mlp_classes(); others are refused, and no loss is written then. Read
 * only.
 *         A cross entropy of one output has two classes: its output is the logit of class 1, that of class 0 is 0.
 * loss    m floats.
 * dloss   m floats, 1 / m for the mean; read only.
 * scratch train_step_scratch() floats of work space, in which each part of the step finds what the one before left.
 * Overlap none. Any alignment. What a part of the step does not use may be NULL.
 * m       any value; widths any.
 * tau     of a cross entropy: positive; it and 3 / tau are finite.
 * Special as the rooms say. A gradient that is not finite makes parameters that are not.
 * Order   part of the contract: dense_fwd layer by layer; xent_fwd; xent_bwd, then for l = depth .. 1
 * dense_bwd_weights and
 *         dense_bwd_data with h_{l-1} as its mask; adamw_step of all parameters, or sgd_step. A last layer of one
 *         output without bias runs as dense_bwd_data forward and dense_fwd backward with src in the place of the
 *         weights: the same sums in the same order. The squared error is e = h - probs, its loss summed in f64 in
 *         order and rounded once, its gradient dloss e. The same words on every lane and for any number of threads.
 * Error   each step errs as its room says of the operands that it has; what that comes to is held to base/perturbed.h,
 *         the gradient also to differences of the loss. A unit whose input lies within rounding of 0 may be on either
 *         side of its kink, in whatever order sums are formed, and pass its gradient or not.
 * Cost    with K weights, K_1 in the first layer: 2 m K flops forward, 4 m K - 2 m K_1 backward; 13 flops a parameter
 *         for AdamW.
 * Source  Behrens, Zdeborova, arXiv 2506.14457 (students of soft labels), initialization and variance dynamics: papers.
 */
#ifndef TRAIN_STEP_H
#define TRAIN_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/mlp_layout.h"
#include "../base/status.h"

/* Operands of the spec: m rows, k inputs, hidden layers of n, vocab outputs; scale is that of the weights, over He's.
 * Flags: forward and backward, no more than that part; hard, targets; square; nobias; sgd. */
enum {
    TRAIN_STEP_LOSS,
    TRAIN_STEP_PARAM,
    TRAIN_STEP_GRAD,
    TRAIN_STEP_MOMENT1,
    TRAIN_STEP_MOMENT2,
    TRAIN_STEP_SRC,
    TRAIN_STEP_TARGET,
    TRAIN_STEP_PROBS,
    TRAIN_STEP_DLOSS,
    TRAIN_STEP_SCRATCH
};
enum {
    TRAIN_STEP_FLAG_FORWARD = 1,
    TRAIN_STEP_FLAG_BACKWARD = 2,
    TRAIN_STEP_FLAG_HARD = 4,
    TRAIN_STEP_FLAG_SQUARE = 8,
    TRAIN_STEP_FLAG_NOBIAS = 16,
    TRAIN_STEP_FLAG_SGD = 32
};
/* What the spec steps with, and the temperature of its losses. */
#define TRAIN_STEP_SPEC                                                                            \
    {                                                                                              \
        .lr = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .decay = 0.01                       \
    }
#define TRAIN_STEP_SPEC_TAU(outputs) ((outputs) % 2 ? 2.0f : 1.0f)
enum { TRAIN_STEP_SPEC_STEP = 3 };

/* beta1, beta2 and eps are AdamW's. */
struct train_rule {
    bool sgd;
    double lr, beta1, beta2, eps, decay;
};

struct train_step {
    struct mlp_layout net;
    float *loss, *param, *grad, *moment1, *moment2, *scratch;
    const float *src, *probs, *dloss;
    const int32_t *target;
    size_t m, ld_src;
    float tau;
    bool square;
    struct train_rule rule;
    size_t step; /* from 1 */
};

size_t train_step_scratch(const struct mlp_layout *net, size_t m);
/* In the scratch: h_l, and after train_step_bwd() the gradient of what the relu of layer l is given, or of the outputs;
 * m x width[l] each. */
float *train_step_acts(const struct train_step *a, size_t l);
float *train_step_back(const struct train_step *a, size_t l);

struct kernel_set;
/* h_1 .. h_depth. On up to `threads` threads, as all of these: each room takes those that pay. */
void train_step_fwd(const struct kernel_set *set, int threads, const struct train_step *a);
/* The losses of what train_step_fwd() left. STATUS_DATA where a target is no class. */
enum status train_step_loss(const struct kernel_set *set, int threads, const struct train_step *a);
/* The gradient, after train_step_loss(). */
void train_step_bwd(const struct kernel_set *set, int threads, const struct train_step *a);
void train_step_update(const struct kernel_set *set, int threads, const struct train_step *a);

#endif
