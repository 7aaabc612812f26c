/* mlp_bwd: the backward pass of mlp_fwd's chain, with the step of gradient descent, on one team of threads.
 *
 *   d_depth = ddst;  for l = depth-1 .. 0, with h_0 = src and h_1 .. h_depth the stored activations:
 *     z_l  = d_{l+1}, or +0 where h_{l+1} <= 0 (no such mask on the last layer with linear_out)
 *     dw_l = transpose(h_l) z_l;   db_l = column sums of z_l;   d_l = z_l transpose(w_l)
 *     update: w_l = w_l - lr dw_l;  bias_l = bias_l - lr db_l, after d_l was computed with the old ones
 *   dsrc = d_0
 *
 * dw      plain, the layers' rows one below the other: (k + (depth-1) n) x n, row r at dw + r ld_dw. NULL
 *         only with update: then no gradient of the weights ever leaves the caches.
 * db      depth x n floats, layer l's at db + l n.
 * dsrc    m x k, row i at dsrc + i ld_dsrc, or NULL where it is not needed.
 * ddst    m x n, row i at ddst + i ld_ddst: the gradient of h_depth. Read only.
 * acts    m x n each, h_{l+1}'s row i at acts + (l m + i) ld_acts, as mlp_fwd stores them without
 *         pingpong. Read only.
 * src     m x k, row i at src + i ld_src; read only.
 * w       the layers' weights as mlp_fwd reads them (dense_pack's plain form, layer l at
 *         mlp_bwd_layer(k, n, l)), any alignment. The only copy: products with the transpose turn 16 x 16
 *         blocks on the way, which costs less than to refresh a second copy at each step. With update it is
 *         written, padding columns keep their words and mlp_fwd can follow at once; else read only.
 * bias    depth x n floats; read and written with update, else unused. NULL for none.
 * scratch mlp_bwd_scratch(m, n) floats of work space, any alignment.
 * Overlap none among operands.
 * m, n, k, depth  any value; depth = 0 writes nothing (not even dsrc). All leading dimensions at least their
 *         rows.
 * Special NaN and Inf follow IEEE 754; which NaN comes out is not specified. A NaN in an activation keeps.
 * Order   dw_l and db_l as dense_bwd_weights, d_l as dense_bwd_data, the update as sgd_step without decay:
 *         the same words for any team and every variant.
 * Error   with e_l the bound on d_l (e_depth = 0) and gamma_j = j u / (1 - j u), u = 2^-24:
 *           e_l     = e_{l+1} |w_l|' + gamma_n (|z_l| + e_{l+1}) |w_l|' + n 2^-149
 *           |dw_l'| = |h_l|' e_{l+1} + gamma_m |h_l|' (|z_l| + e_{l+1}) + m 2^-149, db_l with 1 for h_l
 *           update    lr times that, and one rounding: u |w_l| + 2^-150
 *         (a masked element is exact). Where the finite magnitudes of a sum can reach FLT_MAX, where an
 *         infinity meets a value that may be 0 or of either sign within its error, and in what depends on
 *         those, nothing is promised but the same words, and NaN where an operand's NaN or two operands'
 *         infinities make it in any order.
 * Cost    4 m n (k + (depth-1) n) flops, with update 2 n (k + (depth-1) n) more.
 * Source  papers: feature learning and signal propagation; depth by width.
 */
#ifndef MLP_BWD_H
#define MLP_BWD_H

#include <stdbool.h>
#include <stddef.h>

/* Operands of the spec. Flags: linear_out, update, nodsrc. Without update W (plain, all layers'
 * rows one below the other) is what PACKED is prepared from and BIAS has no rows; with update
 * PACKED and BIAS are read and written, W and DW have no rows (dw is NULL). lr is the shape's
 * scale. */
enum {
    MLP_BWD_DW,
    MLP_BWD_DB,
    MLP_BWD_DSRC,
    MLP_BWD_DDST,
    MLP_BWD_ACTS,
    MLP_BWD_W,
    MLP_BWD_PACKED,
    MLP_BWD_SCRATCH,
    MLP_BWD_SRC,
    MLP_BWD_BIAS
};
enum { MLP_BWD_FLAG_LINEAR_OUT = 1, MLP_BWD_FLAG_UPDATE = 2, MLP_BWD_FLAG_NODSRC = 4 };

struct mlp_bwd {
    float *dw, *db, *dsrc;
    const float *ddst, *acts, *src;
    float *w, *bias, *scratch;
    size_t m, n, k, depth;
    size_t ld_dw, ld_dsrc, ld_ddst, ld_acts, ld_src;
    float lr;
    bool linear_out, update;
};

struct team;
/* Called by every member of the team with the same arguments; returns when this member's part is
 * done, which says nothing of the others'. */
typedef void mlp_bwd_fn(const struct mlp_bwd *a, const struct team *team);

/* Where layer l's packed weights begin, in floats; l = depth gives the size of them all. */
static inline size_t mlp_bwd_layer(size_t k, size_t n, size_t l)
{
    return l ? (n + 15) / 16 * 16 * (k + (l - 1) * n) : 0;
}

/* What layer l reads and writes: rows of w, its input, the gradient of its output, the gradient of
 * its input (NULL: not needed) and, except for the first, the mask of that. */
struct mlp_bwd_step {
    size_t rows, first_row; /* of w; of dw */
    float *w, *d_in;
    const float *in, *d_out, *mask;
    size_t ld_in, ld_d_in, ld_d_out;
};
static inline struct mlp_bwd_step mlp_bwd_step(const struct mlp_bwd *a, size_t l)
{
    const bool direct = l + 1 == a->depth && a->linear_out;
    float *half[2] = {a->scratch, a->scratch + a->m * a->n};
    struct mlp_bwd_step s = {.rows = a->k,
                             .w = a->w + mlp_bwd_layer(a->k, a->n, l),
                             .d_in = a->dsrc,
                             .in = a->src,
                             .d_out = direct ? a->ddst : half[l % 2],
                             .ld_in = a->ld_src,
                             .ld_d_in = a->ld_dsrc,
                             .ld_d_out = direct ? a->ld_ddst : a->n};
    if (l == 0) return s;
    s.rows = a->n;
    s.first_row = a->k + (l - 1) * a->n;
    s.in = s.mask = a->acts + (l - 1) * a->m * a->ld_acts;
    s.ld_in = a->ld_acts;
    s.d_in = half[(l - 1) % 2];
    s.ld_d_in = a->n;
    return s;
}

/* The gradients of two layers' outputs. */
static inline size_t mlp_bwd_scratch(size_t m, size_t n)
{
    return 2 * m * n;
}

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void mlp_bwd(const struct kernel_set *set, int threads, const struct mlp_bwd *a);

#endif
