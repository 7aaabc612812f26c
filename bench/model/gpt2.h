/* gpt2: the parameters of a GPT-2, one block of f32 with a view of each tensor.
 *
 * Shapes and names are those of the public checkpoints; the weight of a linear layer has its inputs
 * as rows and its outputs as columns (dst = src w + bias). With V = vocab, T = context, C = channels:
 *
 *   wte.weight   V x C          wpe.weight   T x C          ln_f.weight, ln_f.bias   C
 *   of each layer l, with h.l. before the name:
 *     ln_1.weight, ln_1.bias    C          attn.c_attn.weight   C x 3C    attn.c_attn.bias   3C
 *     ln_2.weight, ln_2.bias    C          attn.c_proj.weight   C x C     attn.c_proj.bias   C
 *     mlp.c_fc.weight   C x 4C             mlp.c_fc.bias   4C
 *     mlp.c_proj.weight   4C x C           mlp.c_proj.bias   C
 *
 * The output layer is wte again. In memory wte has vocab_padded rows, so that a kernel may run over
 * whole blocks: zeros, unless a file said otherwise. Each tensor starts at a multiple of 64 bytes;
 * the elements between tensors are zero, so the block may be treated as one vector.
 * Source: Radford, Wu, Child, Luan, Amodei, Sutskever, "Language models are unsupervised multitask
 * learners", 2019.
 */
#ifndef MODEL_GPT2_H
#define MODEL_GPT2_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "kernel.h"

struct gpt2_config {
    size_t layers, heads, channels, context, vocab, vocab_padded;
};

/* Beyond these a config is refused, and below them no count of elements or bytes overflows. */
enum {
    GPT2_LAYERS_MOST = 512,
    GPT2_CHANNELS_MOST = 1 << 20,
    GPT2_CONTEXT_MOST = 1 << 24,
    GPT2_VOCAB_MOST = 1 << 24
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
enum { GPT2_NAME_MAX = 32 };

struct gpt2 {
    struct gpt2_config config;
    struct arena arena;
    float *param; /* `count` elements, those between tensors included */
    size_t count, layer_stride, offset[GPT2_TENSORS];
};

struct gpt2_view {
    char name[GPT2_NAME_MAX];
    enum gpt2_tensor tensor;
    size_t rank, rows, cols; /* rows is 1 where rank is */
    float *data;             /* NULL before gpt2_open() */
};

/* gpt2, gpt2-medium, gpt2-large, gpt2-xl or LAYERSxCHANNELS, with their vocabulary and context; the rest is
 * for gpt2_config_settle(). STATUS_USAGE with a sentence that names --init. */
enum status gpt2_config_parse(const char *text, struct gpt2_config *config);
/* Fills in what is 0: heads of 64 channels, the vocabulary padded to a multiple of 128. `code` and a
 * sentence that begins with `what` where there can be no such model. */
enum status gpt2_config_settle(struct gpt2_config *config, enum status code, const char *what);

/* Zeros, for a config that gpt2_config_settle() has passed. `what` names it in STATUS_OS's sentence. */
enum status gpt2_open(struct gpt2 *model, const struct gpt2_config *config, const char *what);
void gpt2_close(struct gpt2 *model);

/* Normal weights of deviation 0.02, over sqrt(2 layers) where a layer adds to the residual stream;
 * biases 0 and gains 1. A tensor's numbers depend on the seed, its name, its shape and, through that scale,
 * the depth. */
void gpt2_init(struct gpt2 *model, const struct kernel_set *set, int threads, uint64_t seed);

/* Elements without padding: what papers call the number of parameters. */
size_t gpt2_parameters(const struct gpt2_config *config);
size_t gpt2_tensor_count(const struct gpt2_config *config);
bool gpt2_in_layers(enum gpt2_tensor tensor);
/* A matrix of a linear layer: what other projects store transposed. */
bool gpt2_linear(enum gpt2_tensor tensor);
struct gpt2_view gpt2_view(const struct gpt2 *model, enum gpt2_tensor tensor, size_t layer);
/* i < gpt2_tensor_count(): embeddings, layer by layer, ln_f. */
struct gpt2_view gpt2_view_at(const struct gpt2 *model, size_t i);
/* The tensor that has this name, in whatever layer; GPT2_TENSORS where none has. */
enum gpt2_tensor gpt2_tensor_named(const char *name, size_t *layer);
/* What gpt2_view_at() calls it. */
size_t gpt2_index(const struct gpt2_config *config, enum gpt2_tensor tensor, size_t layer);

#endif
