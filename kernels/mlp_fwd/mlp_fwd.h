/* mlp_fwd: a chain of fully connected layers on one team of threads.
 *
 *   h_0 = src;  h_{l+1} = act_l(bias_l + h_l w_l) for l = 0 .. depth-1
 *
 * acts    the outputs h_1 .. h_depth, each m x n: h_{l+1}'s row i is at acts + (l m + i) ld_acts, as the
 *         backward pass needs them. With pingpong only the last min(depth, 2) are kept: h_{l+1} is in
 *         block l % 2. Any alignment; overlaps no other operand.
 * src     m x k, row i at src + i ld_src; read only.
 * w       the layers' weights as dense_pack writes them, back to back: the first k x n, the others n x n;
 *         layer l starts at mlp_fwd_layer(k, n, l). Any alignment, read only.
 * bias    depth x n floats, layer l's at bias + l n, or NULL for none; read only.
 * linear_out  act_l is ReLU (x < 0 ? +0 : x) for every layer; with linear_out the last one is the identity.
 * m, n, k, depth  any value; depth = 0 writes nothing. ld_acts >= n, ld_src >= k.
 * Special NaN and infinities among the operands follow IEEE 754 through every layer, ReLU lets NaN and -0
 *         through; which NaN comes out is not specified.
 * Order   each layer as dense_fwd: the same words for any team.
 * Error   with e_l the bound on h_l (e_0 = 0), each layer adds its own roundings to what it inherits:
 *         e_{l+1} = e_l |w_l| + gamma_K (|bias_l| + (|h_l| + e_l) |w_l|) + K 2^-149, K the layer's number
 *         of inputs, gamma_K = K u / (1 - K u), u = 2^-24; ReLU only shrinks it. Where the finite
 *         magnitudes of a sum can reach FLT_MAX, where an infinity meets a value that may be 0 or of either
 *         sign within its error, and in what depends on those, nothing is promised but the same words,
 *         and NaN where an operand's NaN or two operands' infinities make it in any order.
 * Cost    2 m n (k + (depth - 1) n) flops; weights, biases and src read once, activations written once.
 * Source  papers: initialization and variance dynamics, depth by width.
 */
#ifndef MLP_FWD_H
#define MLP_FWD_H

#include <stdbool.h>
#include <stddef.h>

/* Operands of the spec: W is plain, all layers' rows one below the other. Flags: linear_out, pingpong. */
enum { MLP_FWD_ACTS, MLP_FWD_SRC, MLP_FWD_W, MLP_FWD_BIAS, MLP_FWD_PACKED };
enum { MLP_FWD_FLAG_LINEAR_OUT = 1, MLP_FWD_FLAG_PINGPONG = 2 };

struct mlp_fwd {
    float *acts;
    const float *src, *w, *bias;
    size_t m, n, k, depth;
    size_t ld_acts, ld_src;
    bool linear_out, pingpong;
};

struct team;
/* Called by every member of the team with the same arguments; returns when this member's part is done, which
 * says nothing of the others'. */
typedef void mlp_fwd_fn(const struct mlp_fwd *a, const struct team *team);

/* Where layer l's packed weights begin, in floats; l = depth gives the size of them all. */
static inline size_t mlp_fwd_layer(size_t k, size_t n, size_t l)
{
    return l ? (n + 15) / 16 * 16 * (k + (l - 1) * n) : 0;
}

/* From how many rows on a team of `size` splits the batch, which needs no barriers; below it splits the
 * columns with a barrier a layer. Every member reads all weights when the batch is split: more rows are
 * asked for where the weights come from memory. */
static inline size_t mlp_fwd_rows_min(const struct mlp_fwd *a, int size)
{
    enum { L3_FLOATS = 1 << 21 };
    const size_t each = mlp_fwd_layer(a->k, a->n, a->depth) <= L3_FLOATS ? 8 : 32;
    return size <= 1 ? 0 : each * (size_t)size;
}

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void mlp_fwd(const struct kernel_set *set, int threads, const struct mlp_fwd *a);

#endif
