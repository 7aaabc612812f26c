/* dense_bwd_weights: the gradient of a fully connected layer with respect to its weights and bias.
 *
 *   dz[i][j] = ddst[i][j], or +0 where act is given and act[i][j] <= 0
 *   dw[p][j] (+)= sum over i of src[i][p] * dz[i][j]
 *   db[j]    (+)= sum over i of dz[i][j]
 *
 * dw      k x n, row p at dw + p ld_dw, any alignment; overlaps no other operand.
 * db      n floats, or NULL for none; overlaps no other operand.
 * src     m x k, row i at src + i ld_src, any alignment; read only.
 * ddst    m x n, row i at ddst + i ld_ddst, any alignment; read only.
 * act     NULL, or m x n, row i at act + i ld_act: the layer's output, which was the output of a ReLU.
 *         A gradient is kept where !(act[i][j] <= 0), else +0. Read only.
 * accumulate  adds to dw and db; otherwise they are overwritten, and what they held does not matter.
 * m, n, k any value; with m = 0 the sums are +0. ld_dw, ld_ddst, ld_act >= n, ld_src >= k.
 *         A range of rows of dw (with src) or of columns (with db, ddst, act) is itself such a call.
 * Special NaN and Inf follow IEEE 754; which NaN comes out is not specified. A NaN in act keeps.
 * Order   part of the contract: acc starts as the old dw[p][j] (+0 without accumulate), then takes
 *         acc = fma(src[i][p], dz[i][j], acc) for i = 0 .. m-1 in order; db takes acc = acc + dz[i][j]
 *         likewise. Every variant returns the same words (the omp lanes too, where the compiler keeps that
 *         order), whatever the range or the threads.
 * Error   m steps that round once each: |dw - exact| <= gamma_m (|old| + sum |src| |dz|) + m 2^-149,
 *         gamma_m = m u / (1 - m u), u = 2^-24, the last term for subnormal roundings; db the same
 *         with 1 for src.
 * Cost    2 m n k + m n flops; 4 (m n + m k) bytes read, 4 m n more with a mask, 4 (k n + n) more with
 *         accumulate; 4 (k n + n) written.
 * Stack   about 640 KiB in the vector lanes: one block of dz and some tiles of src.
 * Source  papers: feature learning and signal propagation; the feature speed formula.
 */
#ifndef DENSE_BWD_WEIGHTS_H
#define DENSE_BWD_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>

/* Operands of the spec. Flags: mask, accumulate, nobias. */
enum {
    DENSE_BWD_WEIGHTS_DW,
    DENSE_BWD_WEIGHTS_DB,
    DENSE_BWD_WEIGHTS_SRC,
    DENSE_BWD_WEIGHTS_DDST,
    DENSE_BWD_WEIGHTS_ACT
};
enum {
    DENSE_BWD_WEIGHTS_FLAG_MASK = 1,
    DENSE_BWD_WEIGHTS_FLAG_ACCUMULATE = 2,
    DENSE_BWD_WEIGHTS_FLAG_NOBIAS = 4
};

struct dense_bwd_weights {
    float *dw, *db;
    const float *src, *ddst, *act;
    size_t m, n, k;
    size_t ld_dw, ld_src, ld_ddst, ld_act;
    bool accumulate;
};
typedef void dense_bwd_weights_fn(const struct dense_bwd_weights *a);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void dense_bwd_weights(const struct kernel_set *set, int threads,
                       const struct dense_bwd_weights *a);

#endif
