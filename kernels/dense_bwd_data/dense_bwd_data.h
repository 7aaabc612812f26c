/* dense_bwd_data: the gradient of a fully connected layer with respect to its input.
 *
 *   dsrc[i][p] = sum over j of ddst[i][j] * w[p][j], +0 where a mask says that the input was rectified
 *
 * dsrc    m x k, row i at dsrc + i ld_dsrc, any alignment; overlaps no other operand.
 * ddst    m x n, row i at ddst + i ld_ddst, any alignment; read only.
 * w       plain: k x n, row p at w + p ld_w; packed: as dense_pack writes it with transpose, ld_w
 *         unused. Any alignment, read only.
 * act     NULL, or m x k, row i at act + i ld_act: the layer's input, which was the output of a ReLU.
 *         dsrc[i][p] is kept where !(act[i][p] <= 0), else +0. Read only.
 * m, n, k any value; with n = 0 the sum is +0. ld_dsrc >= k, ld_ddst >= n, plain ld_w >= n, ld_act >= k.
 * Special NaN and Inf follow IEEE 754; which NaN comes out is not specified. A NaN in act keeps.
 * Order   part of the contract: acc starts as +0, then takes acc = fma(ddst[i][j], w[p][j], acc) for
 *         j = 0 .. n-1 in order, whatever m, the layout or the threads. Every variant returns the same
 *         words (the omp lanes too, where the compiler keeps that order).
 * Error   n steps that round once each: |dsrc - exact| <= gamma_n sum |ddst| |w| + n 2^-149,
 *         gamma_n = n u / (1 - n u), u = 2^-24; a masked element is exact.
 * Cost    2 m n k flops; 4 (m n + k n) bytes read, with a mask 4 m k more, 4 m k written.
 * Source  papers: feature learning and signal propagation; the feature speed formula.
 */
#ifndef DENSE_BWD_DATA_H
#define DENSE_BWD_DATA_H

#include <stdbool.h>
#include <stddef.h>

/* Operands of the spec. Flags: mask, packed. */
enum {
    DENSE_BWD_DATA_DSRC,
    DENSE_BWD_DATA_DDST,
    DENSE_BWD_DATA_W,
    DENSE_BWD_DATA_ACT,
    DENSE_BWD_DATA_PACKED
};
enum { DENSE_BWD_DATA_FLAG_MASK = 1, DENSE_BWD_DATA_FLAG_PACKED = 2 };

struct dense_bwd_data {
    float *dsrc;
    const float *ddst, *w, *act;
    size_t m, n, k;
    size_t ld_dsrc, ld_ddst, ld_w, ld_act;
    bool packed;
};
typedef void dense_bwd_data_fn(const struct dense_bwd_data *a);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void dense_bwd_data(const struct kernel_set *set, int threads, const struct dense_bwd_data *a);

#endif
