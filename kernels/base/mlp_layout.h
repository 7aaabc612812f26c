/* mlp_layout: a ReLU MLP of any widths, and how its parameters lie in one vector.
 *
 *   h_0 = src;  h_l = relu(h_{l-1} w_l + bias_l), l = 1 .. depth, without the relu for l = depth
 *
 * Layer by layer: w_l, width[l-1] x width[l], row by row, then bias_l, where there are biases. No gaps.
 */
#ifndef BASE_MLP_LAYOUT_H
#define BASE_MLP_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

struct mlp_layout {
    const size_t *width; /* depth + 1: of the inputs, then of each layer's outputs */
    size_t depth;
    bool bias;
};

static inline size_t mlp_weights(const struct mlp_layout *y, size_t l)
{
    return y->width[l - 1] * y->width[l];
}

/* Where layer l's weights begin, l from 1; depth + 1 gives the number of parameters. */
static inline size_t mlp_offset(const struct mlp_layout *y, size_t l)
{
    size_t at = 0;
    for (size_t i = 1; i < l; i++) at += mlp_weights(y, i) + (y->bias ? y->width[i] : 0);
    return at;
}
static inline size_t mlp_parameters(const struct mlp_layout *y)
{
    return mlp_offset(y, y->depth + 1);
}

/* Units of all layers up to l, the inputs not counted: where those of layer l + 1 begin, for one row. */
static inline size_t mlp_units(const struct mlp_layout *y, size_t l)
{
    size_t units = 0;
    for (size_t i = 1; i <= l; i++) units += y->width[i];
    return units;
}

/* What a loss has of each row: the outputs, or two classes where a cross entropy has a single output, the logit of
 * class 1 beside a 0. */
static inline size_t mlp_classes(const struct mlp_layout *y, bool square)
{
    const size_t outputs = y->width[y->depth];
    return outputs == 1 && !square ? 2 : outputs;
}

/* Of the matrix products of a forward pass of m rows; and of a whole step, in which no gradient of src is formed. */
static inline double mlp_flops_fwd(const struct mlp_layout *y, size_t m)
{
    double flops = 0.0;
    for (size_t l = 1; l <= y->depth; l++) flops += 2.0 * (double)m * (double)mlp_weights(y, l);
    return flops;
}
static inline double mlp_flops_step(const struct mlp_layout *y, size_t m)
{
    const double first = y->depth ? 2.0 * (double)m * (double)mlp_weights(y, 1) : 0.0;
    return 3.0 * mlp_flops_fwd(y, m) - first;
}

#endif
