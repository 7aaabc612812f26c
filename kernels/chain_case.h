/* chain_case: the chains that the specs of the rooms on chains check and time.
 *
 * A shape's m is the batch, n the width of all layers, k the inputs of the first, depth the layers, scale a factor on He's sqrt(2 /
 * fan_in). Flags: skip, connections over each layer but the first, branches scaled by beta = 1 / sqrt(depth) and the connection by
 * sqrt(1 - beta^2); two, with skip: branches of two layers; linear, no ReLU; bias. One layer in four is not
 * trained.
 */
#ifndef KERNELS_CHAIN_CASE_H
#define KERNELS_CHAIN_CASE_H

#include "base/chain.h"
#include "kernel.h"

enum {
    CHAIN_FLAG_SKIP = 1,
    CHAIN_FLAG_TWO = 2,
    CHAIN_FLAG_LINEAR = 4,
    CHAIN_FLAG_BIAS = 8,
    CHAIN_FLAG_OWN = 16 /* the first that a room may add */
};
#define CHAIN_FLAG_NAMES "skip", "two", "linear", "bias"

/* Tails, zeros, every kind of connection; small. */
#define CHAIN_CHECK_SHAPES                                                                         \
    {.m = 3, .n = 5, .k = 4, .depth = 0}, {.m = 0, .n = 5, .k = 4, .depth = 2},                    \
        {.m = 3, .n = 0, .k = 4, .depth = 2}, {.m = 3, .n = 5, .k = 0, .depth = 2},                \
        {.m = 1, .n = 1, .k = 1, .depth = 1}, {.m = 1, .n = 33, .k = 7, .depth = 3},               \
        {.m = 5, .n = 17, .k = 7, .depth = 4, .flags = CHAIN_FLAG_BIAS},                           \
        {.m = 2, .n = 40, .k = 40, .depth = 6, .flags = CHAIN_FLAG_SKIP},                          \
        {.m = 1, .n = 29, .k = 10, .depth = 9, .flags = CHAIN_FLAG_SKIP | CHAIN_FLAG_BIAS},        \
        {.m = 4, .n = 24, .k = 16, .depth = 7, .flags = CHAIN_FLAG_SKIP | CHAIN_FLAG_TWO},         \
        {.m = 3,                                                                                   \
         .n = 19,                                                                                  \
         .k = 6,                                                                                   \
         .depth = 8,                                                                               \
         .flags = CHAIN_FLAG_SKIP | CHAIN_FLAG_TWO | CHAIN_FLAG_BIAS},                             \
        {.m = 6, .n = 21, .k = 21, .depth = 5, .flags = CHAIN_FLAG_LINEAR},                        \
        {.m = 2, .n = 18, .k = 5, .depth = 5, .flags = CHAIN_FLAG_LINEAR | CHAIN_FLAG_SKIP},       \
        {.m = 20, .n = 70, .k = 64, .depth = 12}, {.m = 1, .n = 300, .k = 30, .depth = 3},         \
        {.m = 4, .n = 24, .k = 24, .depth = 20, .scale = 0.01f},                                   \
    {                                                                                              \
        .m = 4, .n = 24, .k = 24, .depth = 20, .scale = 4.0f                                       \
    }

/* In one block, to be freed, its layers behind it. Pointers that are NULL stay so in the layers. */
struct chain_case {
    struct chain chain;
    struct chain_layer layer[];
};
struct chain_case *chain_case(const struct shape *s, const float *packed, const float *packed_t,
                              const float *bias);

/* Plain weights, all layers' rows one below the other, and what dense_pack makes of them. */
struct operand chain_case_w(const struct shape *s);
struct operand chain_case_bias(const struct shape *s);
struct operand chain_case_packed(const struct shape *s, bool transpose);
/* Matrices of n columns of so many layers. */
struct operand chain_case_layers(const struct shape *s, const char *name, enum role role,
                                 size_t layers);
/* Gram matrices of all layers' inputs. */
struct operand chain_case_gram(const struct shape *s);
/* What a room asks of work space. */
size_t chain_case_floats(const struct shape *s, size_t (*scratch)(const struct chain *c));
/* Once w is drawn: the last layer of each branch takes its factor. */
void chain_case_adjust(const struct shape *s, float *w);
/* Once they are drawn, m x m normal factors of Gram matrices: those matrices, as if of n + 1 inputs, so that what they are part
 * of is semidefinite but for rounding. */
void chain_case_adjust_gram(const struct shape *s, float *gram);
/* Either form may be NULL: not needed. */
void chain_case_prepare(const struct kernel_set *set, const struct shape *s, float *packed,
                        float *packed_t, const float *w);
bool chain_case_keeps_features(const struct shape *s);
/* Of all weights, or of those behind the first layer. */
double chain_case_weights(const struct shape *s);
double chain_case_inner_weights(const struct shape *s);
/* Features of the last layer, all rows: the dimension of the backward-to-feature kernel; and the work of a product with it. */
size_t chain_case_dim(const struct shape *s);
double chain_case_bfk_flops(const struct shape *s);

#endif
