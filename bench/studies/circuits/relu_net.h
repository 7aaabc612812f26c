/* relu_net: a feedforward ReLU network with sparse weights.
 *
 *   h_0 = inputs; h_l = relu(W_l h_{l-1} + b_l), l = 1 .. depth; outputs = V h_depth + c
 *
 * In the layered form; in the form with skip connections W_l reads all of h_0 .. h_{l-1}, one below the other.
 * Weights are integers or multiples of a power of two, and exact singles.
 */
#ifndef CIRCUITS_RELU_NET_H
#define CIRCUITS_RELU_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Rows as sparse_relu_fwd takes them. */
struct net_layer {
    size_t rows, columns;
    int32_t *start, *col;
    float *value, *bias;
};

struct net_size {
    size_t gates, passes; /* neurons that a gate has, that carry a wire on */
    size_t width;         /* of the widest hidden layer */
    size_t nnz;           /* weights of hidden layers that are not 0, without biases */
    double sum; /* S: the greatest |b| + sum |w| |h| that a row can have, in its own units */
};

struct relu_net {
    bool skip;
    size_t inputs, outputs, depth;
    struct net_layer *layer; /* depth hidden ones, then the outputs' */
    struct net_size size;
};

static inline size_t net_neurons(const struct relu_net *net)
{
    return net->size.gates + net->size.passes;
}
/* Inputs and all neurons: what a network with skip connections keeps. */
static inline size_t net_units(const struct relu_net *net)
{
    return net->inputs + net_neurons(net);
}
/* Numbers that its layers as full matrices would have. */
double net_dense_weights(const struct relu_net *net);
/* Of one layer. */
static inline size_t layer_nnz(const struct net_layer *layer)
{
    return layer->rows ? (size_t)layer->start[layer->rows] : 0;
}

/* Room for a layer of so many rows and weights, its start[0] set; false where memory is short. */
bool net_layer_open(struct net_layer *layer, size_t rows, size_t columns, size_t nnz);
void relu_net_close(struct relu_net *net);

/* One input through the network in f64, where every sum up to 2^53 is exact. h has room for net_units(). */
void relu_net_f64(const struct relu_net *net, const double *in, double *out, double *h);

#endif
