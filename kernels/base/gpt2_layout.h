/* gpt2_layout: where the parameters of a GPT-2 lie in one block of f32.
 *
 * With V = vocab, T = context, C = channels, in this order; the weight of a linear layer has its inputs as
 * rows and its outputs as columns (dst = src w + bias):
 *
 *   WTE   V x C, of vocab_padded rows      WPE   T x C
 *   of each layer:
 *     LN_1_WEIGHT, LN_1_BIAS   C           ATTN_WEIGHT   C x 3C     ATTN_BIAS   3C
 *                                          ATTN_PROJ_WEIGHT   C x C   ATTN_PROJ_BIAS   C
 *     LN_2_WEIGHT, LN_2_BIAS   C           FC_WEIGHT   C x 4C   FC_BIAS   4C
 *                                          FC_PROJ_WEIGHT   4C x C   FC_PROJ_BIAS   C
 *   LN_F_WEIGHT, LN_F_BIAS   C
 *
 * The output layer is WTE again. Each tensor starts at a multiple of 64 bytes; what lies between tensors
 * and in the padding rows of WTE belongs to none.
 * Source: Radford, Wu, Child, Luan, Amodei, Sutskever, "Language models are unsupervised multitask
 * learners", 2019.
 */
#ifndef BASE_GPT2_LAYOUT_H
#define BASE_GPT2_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

struct gpt2_config {
    size_t layers, heads, channels, context, vocab, vocab_padded;
};

/* Every layer has those from GPT2_LN_1_WEIGHT to GPT2_FC_PROJ_BIAS. */
enum gpt2_tensor {
    GPT2_WTE,
    GPT2_WPE,
    GPT2_LN_1_WEIGHT,
    GPT2_LN_1_BIAS,
    GPT2_ATTN_WEIGHT,
    GPT2_ATTN_BIAS,
    GPT2_ATTN_PROJ_WEIGHT,
    GPT2_ATTN_PROJ_BIAS,
    GPT2_LN_2_WEIGHT,
    GPT2_LN_2_BIAS,
    GPT2_FC_WEIGHT,
    GPT2_FC_BIAS,
    GPT2_FC_PROJ_WEIGHT,
    GPT2_FC_PROJ_BIAS,
    GPT2_LN_F_WEIGHT,
    GPT2_LN_F_BIAS,
    GPT2_TENSORS
};
enum { GPT2_LAYER_TENSORS = GPT2_LN_F_WEIGHT - GPT2_LN_1_WEIGHT };

/* In floats. Tensor t of layer l, of layer 0 where there is one of it, is at offset[t] + l * layer_stride. */
struct gpt2_layout {
    size_t offset[GPT2_TENSORS], layer_stride, count;
};
struct gpt2_layout gpt2_layout(const struct gpt2_config *config);

/* Of one layer alone: its tensors are at offset[t], which starts with 0 at LN_1_WEIGHT, in layer_stride floats. */
struct gpt2_layout gpt2_layout_block(size_t channels);

struct gpt2_size {
    size_t rows, cols; /* of a vector one row; of WTE without the padding */
};
struct gpt2_size gpt2_size(const struct gpt2_config *config, enum gpt2_tensor tensor);

/* All tensors in the order in which they lie, layer by layer. */
size_t gpt2_tensor_count(const struct gpt2_config *config);
struct gpt2_place {
    enum gpt2_tensor tensor;
    size_t layer;             /* 0 where there is one of it */
    size_t from, count, next; /* in floats, without padding; where the next begins, or all end */
};
struct gpt2_place gpt2_place(const struct gpt2_config *config, size_t i);

bool gpt2_in_layers(enum gpt2_tensor tensor);
/* Not a vector. */
bool gpt2_is_matrix(enum gpt2_tensor tensor);
/* A matrix of a linear layer: what other projects store transposed. */
bool gpt2_linear(enum gpt2_tensor tensor);

#endif
