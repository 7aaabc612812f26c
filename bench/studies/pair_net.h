/* pair_net: the transformer of one layer that adds two numbers. It reads "a b =" and answers at the last of the three.
 *
 *   x_t = embedding[token_t] + position[t], t = 0, 1, 2;   tokens: a and b, whole numbers below `numbers`, then `numbers`
 *   q, k, v = x w_qkv, head by head;   o = causal attention, scale 1 / sqrt(channels / heads)
 *   mid = x_2 + o_2 w_o;   h = mid + relu(mid w_in + b_in) w_out + b_out;   outputs = h w_u, one for each number
 *
 * No layer normalization and no bias but those two. As it is in Behrens and Zdeborova's Figures 2 and 8, after Nanda et
 * al., "Progress measures for grokking via mechanistic interpretability", arXiv 2301.05217: 128 channels, 4 heads,
 * 512 hidden units.
 *
 * A step is that of kernels/train_step.h with these operands: src m x 2, a and b; param, grad and AdamW's moments as
 * pair_net_offset() says; scratch pair_net_scratch() floats; net is not looked at.
 *
 * What is linear is done where it costs least. A token's q, k and v are the sum of a row of embedding w_qkv and one of
 * position w_qkv, numbers + 4 rows in all, which embed_fwd adds up; x_2 is the same in each row, so that it is the bias of
 * w_o; and behind attention nothing is computed of positions 0 and 1, which no output depends on.
 *
 * Order   dense_fwd of the tables, embed_fwd, attn_fwd, dense_fwd layer by layer, axpy of the stream; backward the same
 *         rooms' gradients from the last to the first. The same words on every lane and for any number of threads.
 */
#ifndef STUDIES_PAIR_NET_H
#define STUDIES_PAIR_NET_H

#include "kernel.h"
#include "studies/init.h"

struct pair_net {
    size_t numbers, channels, heads, hidden; /* heads divide the channels */
};

/* In the order in which the parameters lie, without gaps, rows by inputs. TABLE: embedding, numbers + 1 rows, then
 * position, 3 rows. */
enum pair_tensor {
    PAIR_U,
    PAIR_TABLE,
    PAIR_QKV,
    PAIR_O,
    PAIR_IN,
    PAIR_IN_BIAS,
    PAIR_OUT,
    PAIR_OUT_BIAS,
    PAIR_TENSORS
};
/* PAIR_TENSORS gives the number of parameters. */
size_t pair_net_offset(const struct pair_net *y, enum pair_tensor tensor);
size_t pair_net_scratch(const struct pair_net *y, size_t m);
/* Of the matrix products of a step of m rows. */
double pair_net_flops(const struct pair_net *y, size_t m);

/* As its authors do: normal, of deviation 1 / sqrt(channels), w_u 1 / sqrt(numbers); biases 0. */
void pair_net_init(const struct kernel_set *set, int threads, const struct pair_net *y,
                   float *param, struct init_source from);

void pair_net_fwd(const struct kernel_set *set, int threads, const struct pair_net *y,
                  const struct train_step *a);
/* After the one before, as are these. */
enum status pair_net_loss(const struct kernel_set *set, int threads, const struct pair_net *y,
                          const struct train_step *a);
void pair_net_bwd(const struct kernel_set *set, int threads, const struct pair_net *y,
                  const struct train_step *a);
/* m x numbers. */
const float *pair_net_outputs(const struct pair_net *y, const struct train_step *a);

#endif
