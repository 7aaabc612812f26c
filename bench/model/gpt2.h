/* gpt2: the parameters of a GPT-2, one block of f32 as base/gpt2_layout.h lays it out, with a view of each
 * tensor. Shapes and names are those of the public checkpoints:
 *
 *   wte.weight, wpe.weight, ln_f.weight, ln_f.bias, and of each layer l, with h.l. before the name,
 *   ln_1.weight, ln_1.bias, attn.c_attn.weight, attn.c_attn.bias, attn.c_proj.weight, attn.c_proj.bias,
 *   ln_2.weight, ln_2.bias, mlp.c_fc.weight, mlp.c_fc.bias, mlp.c_proj.weight, mlp.c_proj.bias
 *
 * What lies between tensors is zero, and so are the rows of wte behind the vocabulary unless a file said
 * otherwise.
 */
#ifndef MODEL_GPT2_H
#define MODEL_GPT2_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/gpt2_layout.h"
#include "base/status.h"
#include "kernel.h"

/* Beyond these a config is refused, and below them no count of elements or bytes overflows. */
enum {
    GPT2_LAYERS_MOST = 512,
    GPT2_CHANNELS_MOST = 1 << 20,
    GPT2_CONTEXT_MOST = 1 << 24,
    GPT2_VOCAB_MOST = 1 << 24
};

enum { GPT2_NAME_MAX = 32 };

struct gpt2 {
    struct gpt2_config config;
    struct arena arena;
    struct gpt2_layout layout;
    float *param; /* layout.count elements */
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

/* The standard deviation of fresh weights. That of the embeddings is std whatever the rule; of a linear layer, with Q,
 * K and V as three of C x C, O and the MLP's second as those that add to the residual stream:
 *   GPT2     std, over sqrt(2 layers) where it adds to the residual stream (Radford et al., 2019)
 *   NORMAL   std
 *   KAIMING  sqrt(2 / inputs) (He et al., arXiv:1502.01852)
 *   XAVIER   sqrt(2 / (inputs + outputs)) (Glorot, Bengio, 2010)
 *   MUP      as GPT2, times sqrt(768 / C): the scale in width of the hidden weights of muP (Yang et al.,
 *            arXiv:2203.03466), which is std at GPT-2's own width; nothing else of muP */
enum gpt2_rule {
    GPT2_RULE_GPT2,
    GPT2_RULE_NORMAL,
    GPT2_RULE_KAIMING,
    GPT2_RULE_XAVIER,
    GPT2_RULE_MUP,
    GPT2_RULES
};
struct gpt2_fresh {
    enum gpt2_rule rule;
    double std;
    uint64_t seed;
};
#define GPT2_STD 0.02 /* GPT-2's own */
const char *gpt2_rule_name(enum gpt2_rule rule);
/* GPT2_RULES where none has that name. */
enum gpt2_rule gpt2_rule_named(const char *name);
/* Of a matrix. */
double gpt2_deviation(const struct gpt2_config *config, enum gpt2_tensor tensor,
                      const struct gpt2_fresh *fresh);
/* Normal weights; biases 0 and gains 1. A tensor's numbers depend on the seed, its name, its shape and its deviation. */
void gpt2_init(struct gpt2 *model, const struct kernel_set *set, int threads,
               const struct gpt2_fresh *fresh);

/* Elements without padding: what papers call the number of parameters. */
size_t gpt2_parameters(const struct gpt2_config *config);
struct gpt2_view gpt2_view(const struct gpt2 *model, enum gpt2_tensor tensor, size_t layer);
/* i < gpt2_tensor_count(): embeddings, layer by layer, ln_f. */
struct gpt2_view gpt2_view_at(const struct gpt2 *model, size_t i);
/* The tensor that has this name, in whatever layer; GPT2_TENSORS where none has. */
enum gpt2_tensor gpt2_tensor_named(const char *name, size_t *layer);
/* What gpt2_view_at() calls it. */
size_t gpt2_index(const struct gpt2_config *config, enum gpt2_tensor tensor, size_t layer);

#endif
