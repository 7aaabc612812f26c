/* network: an MLP or ResNet of one width with random weights, ready for the angle sweep.
 *
 *   f_1 = X w_1;  f_l = sqrt(1 - beta^2) f_{l-branch} + beta branch(f_{l-branch}),  a branch being relu and one dense layer, or two of
 *   them; beta = 1: f_l = relu(f_{l-1}) w_l, an MLP
 *
 * f_1 embeds the input and is not trained unless told. Weights are Gaussian, of variance gain^2 / fan_in, or gain times an orthogonal
 * matrix.
 */
#ifndef STUDIES_NETWORK_H
#define STUDIES_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "kernel.h"

struct network_plan {
    size_t batch, inputs, width, depth; /* depth counts the embedding */
    double beta;                        /* of branches, 0 < beta <= 1 */
    size_t branch;                      /* layers of a branch: 0 is 1 */
    double gain;                        /* 0: sqrt(2), He's; 1 for linear ones */
    bool linear, orthogonal, train_first;
    bool keeps_weights; /* plain ones too: needed for network_step() */
};

struct network {
    struct network_plan plan;
    const struct kernel_set *set;
    int threads;
    struct arena arena;
    struct chain chain;
    struct chain_layer *layer;
    float **packed, **packed_t; /* of each layer: what layer[] reads */
    struct angle_sweep sweep; /* src and ddst are its own, to be filled; the rest is the sweep's */
    float *src, *ddst;        /* batch x inputs; batch x width */
    float *plain;             /* one layer's weights, or all */
};

/* STATUS_OS with a sentence where memory is short; then there is nothing to close. Parts point to each other: a network is not
 * copied. */
enum status network_open(struct network *y, const struct kernel_set *set, int threads,
                         const struct network_plan *plan);
void network_close(struct network *y);

/* New weights; src and ddst stay. The same seed and draw give the same words for any number of threads and on every
 * instruction set. */
void network_draw(struct network *y, uint64_t seed, uint64_t draw);
/* n normals for other things of that draw; `stream` from 0 tells them apart. */
void network_normals(const struct network *y, float *dst, size_t n, double scale, uint64_t seed,
                     uint64_t draw, uint64_t stream);

/* The last features, batch x width; and those before, l from 1. */
const float *network_features(const struct network *y, size_t l);

void network_forward(struct network *y);
/* From ddst on; with it the norms of all gradients. */
void network_backward(struct network *y);
/* rate_l = eta / |grad_l|^2 for what is trained: each layer contributes eta to the loss decay. */
void network_rates_equal(struct network *y, double eta);
/* rate_l = eta beta^2 for what is trained. */
void network_rates_fixed(struct network *y, double eta);
void network_velocity(struct network *y);
/* The last features, batch x width, as they are after that step of gradient descent, whose weights are not formed: in single
 * precision a small step would be lost in rounding them. Forward and backward pass are as they were. */
void network_after_step(const struct network *y, float *dst);
/* w_l -= rate_l grad_l, of the last backward pass. */
void network_step(struct network *y);

#endif
