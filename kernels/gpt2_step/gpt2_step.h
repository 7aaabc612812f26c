/* gpt2_step: a step of training of a GPT-2: forward, backward, update; or the first of these alone.
 *
 *   x = wte[token] + wpe[position];   x = block_l(x), l = 0 .. layers-1;   h = layernorm(x)
 *   loss = cross entropy of softmax(h transpose(wte)) with target, for each token
 *   grad = gradient of sum over i of dloss[i] loss[i];   norm = |grad|
 *   AdamW of min(1, clip / norm) grad, with decay of the matrices alone
 *
 * config  layers, heads, channels, context, vocab and vocab_padded >= vocab as base/gpt2_layout.h says; heads
 *         divide the channels, context >= t.
 * param   laid out by gpt2_layout(); read only but for the update, which leaves what lies between tensors.
 * token, target  batch x t whole numbers from 0 to vocab - 1; others are refused, and nothing is written then. Read
 *         only.
 * loss    batch x t floats.
 * dloss   batch x t floats, 1 / (batch t) for the mean of all, 0 for a token that is not to count; read only.
 * grad    laid out as param, overwritten; what lies between tensors becomes +0.
 * m, v    laid out as param, AdamW's moments: zeros before the first step.
 * scratch gpt2_step_scratch() floats of work space, which gpt2_step_bwd() finds as gpt2_step_fwd() left it.
 * Overlap none. Any alignment. What a part of the step does not use may be NULL.
 * batch, t, layers  any value.
 * clip    the greatest norm that goes unscaled; 0 for no limit.
 * Special as the rooms say. A gradient that is not finite makes parameters that are not.
 * Order   part of the contract: embed_fwd, gpt2_block_fwd layer by layer, layernorm_fwd with GPT2_EPS, logits as
 *         dense_bwd_data of h and wte, xent_fwd with tau = 1; xent_bwd, dense_bwd_weights and dense_fwd of the logits'
 *         gradient, layernorm_bwd, gpt2_block_bwd layers-1 .. 0, embed_bwd; norm is the root of dot_norms of all of
 *         grad, then adamw_step tensor by tensor. The same words on every lane and for any number of threads.
 * Error   as gpt2_block: held to what random roundings make of it.
 * Cost    with B = batch t: 3 (2 B vocab C) flops beside those of the blocks; param, grad, m and v once and
 *         gpt2_step_scratch() of memory, nothing else.
 * Source  Radford et al., "Language models are unsupervised multitask learners" (GPT-2), 2019; Loshchilov, Hutter,
 *         arXiv:1711.05101.
 */
#ifndef GPT2_STEP_H
#define GPT2_STEP_H

#include <stddef.h>
#include <stdint.h>

#include "../base/gpt2_layout.h"
#include "../base/status.h"

/* Operands of the spec. m is the batch, n is t, k the width of a head, the depth that of layers; the shape's scale is
 * that of the weights, over sqrt(C). Flags: forward, backward (and forward), of none the whole step, in
 * which grad is work space. */
enum {
    GPT2_STEP_LOSS,
    GPT2_STEP_PARAM,
    GPT2_STEP_GRAD,
    GPT2_STEP_M,
    GPT2_STEP_V,
    GPT2_STEP_TOKEN,
    GPT2_STEP_TARGET,
    GPT2_STEP_DLOSS,
    GPT2_STEP_SCRATCH
};
enum { GPT2_STEP_FLAG_FORWARD = 1, GPT2_STEP_FLAG_BACKWARD = 2 };

struct gpt2_step {
    struct gpt2_config config;
    size_t batch, t;
    float *param, *grad, *m, *v, *loss, *scratch;
    const float *dloss;
    const int32_t *token, *target;
    double lr, beta1, beta2, eps, decay, clip; /* adamw_step's; the greatest norm */
    size_t step;                               /* from 1 */
};

size_t gpt2_step_scratch(const struct gpt2_config *config, size_t batch, size_t t);

struct kernel_set;
/* On up to `threads` threads: each room takes those that pay. */
enum status gpt2_step_fwd(const struct kernel_set *set, int threads, const struct gpt2_step *a);
/* After gpt2_step_fwd(). */
void gpt2_step_bwd(const struct kernel_set *set, int threads, const struct gpt2_step *a);
/* After gpt2_step_bwd(): |grad|. */
double gpt2_step_norm(const struct kernel_set *set, int threads, const struct gpt2_step *a);
/* norm: what gpt2_step_norm() has returned. */
void gpt2_step_update(const struct kernel_set *set, int threads, const struct gpt2_step *a,
                      double norm);

/* What the forward pass has left in the scratch, until the backward pass works there. The stream of layer l is
 * what enters that block, of `layers` what leaves the last: batch x t x C. Logits: batch x t rows of vocab_padded, of
 * which vocab are set. */
const float *gpt2_step_stream(const struct gpt2_step *a, size_t l);
const float *gpt2_step_logits(const struct gpt2_step *a);

#endif
