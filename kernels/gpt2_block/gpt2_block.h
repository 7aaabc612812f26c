/* gpt2_block: a block of a GPT-2, forward and backward: the rooms of its layers, one after the other.
 *
 *   h1 = layernorm(src),  qkv = h1 w + b,  a = attention(qkv),  mid = (a w + b) + src
 *   h2 = layernorm(mid),  f = h2 w + b,    g = gelu(f),         dst = (g w + b) + mid
 *
 * dst     m x C, C = heads * d, m = batch * t: the tokens of a sequence one after the other. Overlaps nothing.
 * src     m x C; read only.
 * param   one layer's tensors as base/gpt2_layout.h lays them out; read only.
 * acts    gpt2_block_acts() floats: what the forward pass keeps for the backward pass. Overlaps nothing.
 * backward  gpt2_block_bwd() alone:
 *   ddst    m x C, the gradient of dst; read only unless it is dsrc.
 *   dsrc    m x C; the same matrix as ddst, or no overlap.
 *   dparam  laid out as param, overwritten, what lies between tensors with +0. Overlaps nothing.
 *   scratch gpt2_block_scratch() floats of work space.
 * Any alignment throughout, rows without gaps.
 * batch, t, heads  any value; with C = 0 nothing is written but dparam's +0.
 * d       0 to ATTN_FWD_D.
 * Special as the rooms say: NaN and infinities spread to all positions that see them.
 * Order   part of the contract: layernorm_fwd with eps GPT2_EPS, dense_fwd, attn_fwd (causal, scale 1 / sqrt(d)
 *         rounded from f64), gelu_fwd (tanh), and axpy with a = 1 for the residual sums, in the order of the
 *         formula. Backwards, d being ddst:
 *           of the second half: dense_bwd_weights (g, d), dense_bwd_data, gelu_bwd, dense_bwd_weights (h2, .),
 *           dense_bwd_data, layernorm_bwd adding to d; then with attn_bwd the first half likewise; d is dsrc.
 *         The same words on every lane and for any number of threads.
 * Error   each step errs as its room says of the operands that it has. What that comes to in dst and the gradients
 *         has no useful bound in advance, so they are held to what it comes to when every result moves at
 *         random within what its rounding allows: base/perturbed.h.
 * Cost    24 m C^2 + 2 m t C flops forward (causal: the pairs that are seen), twice and 2.5 times that backward.
 *         Memory is param twice, 15 C + heads + 4 floats a token kept, 5 C of work space.
 * Source  Radford et al., "Language models are unsupervised multitask learners" (GPT-2), 2019.
 */
#ifndef GPT2_BLOCK_H
#define GPT2_BLOCK_H

#include <stddef.h>

/* Operands of the spec. m is the batch, n is t, k is d; the shape's scale is that of the weights, over sqrt(C).
 * Flag: forward, which has no operand from DSRC on. */
enum {
    GPT2_BLOCK_DST,
    GPT2_BLOCK_SRC,
    GPT2_BLOCK_PARAM,
    GPT2_BLOCK_ACTS,
    GPT2_BLOCK_DSRC,
    GPT2_BLOCK_DPARAM,
    GPT2_BLOCK_DDST,
    GPT2_BLOCK_SCRATCH
};
enum { GPT2_BLOCK_FLAG_FORWARD = 1 };

#define GPT2_EPS 1e-5f /* of a layernorm */

struct gpt2_block {
    float *dst, *acts;
    const float *src, *param;
    size_t batch, t, heads, d;
    float *dsrc, *dparam, *scratch; /* backward alone, as is ddst */
    const float *ddst;
};

size_t gpt2_block_acts(size_t batch, size_t t, size_t heads, size_t d);
size_t gpt2_block_scratch(size_t batch, size_t t, size_t heads, size_t d);
/* Of all products: what is counted as the block's work. */
double gpt2_block_flops(size_t batch, size_t t, size_t heads, size_t d);

struct kernel_set;
/* On up to `threads` threads: each room takes those that pay. dsrc to ddst are not looked at. */
void gpt2_block_fwd(const struct kernel_set *set, int threads, const struct gpt2_block *a);
/* After gpt2_block_fwd() on the same operands; dst is not looked at. */
void gpt2_block_bwd(const struct kernel_set *set, int threads, const struct gpt2_block *a);

#endif
