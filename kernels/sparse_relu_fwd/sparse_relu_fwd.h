/* sparse_relu_fwd: a layer most of whose weights are zero, for many inputs at once.
 *
 *   dst[i][j] = act(bias[i] + sum over p = start[i] .. start[i+1]-1 of value[p] * src[col[p]][j])
 *
 * An input is a column: row i of dst is unit i for all m inputs. A weight is then one broadcast and a fused step
 * for as many inputs as the lanes hold, nothing is gathered, and what is zero costs nothing.
 *
 * dst     n x m, row i at dst + i ld_dst, any alignment; overlaps no other operand.
 * src     k x m, row i at src + i ld_src, any alignment; read only.
 * start   n + 1 places, from start[0] up to start[n]: row i's weights are those from start[i] on (CSR). col and value
 *         are indexed by them as they are, so that rows of a larger matrix can be given alone.
 * col     of each weight, from 0 to k - 1, in any order; one that comes twice counts twice.
 * value   the weight itself; 0 is no shortcut: 0 * Inf is NaN here too.
 * bias    n floats, or NULL for none.
 * relu    act(x) is x < 0 ? +0 : x, else x itself.
 * m, n, k any value; a row without weights is its bias. ld_dst >= m, ld_src >= m.
 * Trust   the leaf asserts that start does not fall, and believes col. sparse_relu_fwd_valid() looks at both, once
 *         for a matrix.
 * Special NaN and Inf follow IEEE 754; which NaN comes out is not specified. ReLU lets NaN and -0 through.
 * Order   part of the contract: acc starts as bias[i] (+0 without), then takes
 *         acc = fma(value[p], src[col[p]][j], acc) for p in order, whatever m, the threads or the lane. Every variant
 *         returns the same words (the omp lanes too, where the compiler keeps that order).
 * Error   of a row of c weights: |dst - exact| <= gamma_c (|bias| + sum |value| |src|) + c 2^-149,
 *         gamma_c = c u / (1 - c u), u = 2^-24. Where all are multiples of one unit and |bias| + sum |value| |src|
 *         is at most 2^24 units, no step rounds: the result is exact.
 * Cost    2 m flops a weight; 8 bytes a weight, 8 n + 4 k m bytes read, 4 n m written.
 * Source  Kratsios, Zvigelsky, Hart, "Quantifying the limits of AI reasoning", arXiv 2508.18526: circuits as
 *         networks of which nearly all weights are zero.
 */
#ifndef SPARSE_RELU_FWD_H
#define SPARSE_RELU_FWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/status.h"

/* Operands of the spec; the shape's nnz is the mean of a row. Flags: relu, nobias. */
enum {
    SPARSE_RELU_FWD_DST,
    SPARSE_RELU_FWD_SRC,
    SPARSE_RELU_FWD_VALUE,
    SPARSE_RELU_FWD_COL,
    SPARSE_RELU_FWD_BIAS,
    SPARSE_RELU_FWD_START
};
enum { SPARSE_RELU_FWD_FLAG_RELU = 1, SPARSE_RELU_FWD_FLAG_NOBIAS = 2 };

struct sparse_relu_fwd {
    float *dst;
    const float *src, *value, *bias;
    const int32_t *start, *col;
    size_t m, n, k;
    size_t ld_dst, ld_src;
    bool relu;
};
typedef void sparse_relu_fwd_fn(const struct sparse_relu_fwd *a);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void sparse_relu_fwd(const struct kernel_set *set, int threads, const struct sparse_relu_fwd *a);

/* STATUS_DATA and which row or weight, where start or col is not as above. */
enum status sparse_relu_fwd_valid(const struct sparse_relu_fwd *a);

#endif
