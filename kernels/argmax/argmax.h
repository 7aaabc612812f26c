/* argmax: the class of the greatest logit, by rows.
 *
 *   dst[i] = the least j for which src[i][j] is the greatest of its row
 *
 * dst     m classes; overlaps nothing.
 * src     m x n, row i at src + i ld_src, any alignment; read only.
 * m       any value.
 * n       at most 2^24. ld_src >= n.
 * Special NaN is passed over; +0 and -0 are equal. -1 where a row holds no number (NaN alone, or n = 0): no class, so
 * that what
 *         a network that blew up says is never right.
 * Order   the same words on every lane: no rounding takes part.
 * Error   exact.
 * Cost    2 m n comparisons, 4 m n bytes read; a row is read from memory once where it fits into L2.
 * Source  the accuracy of a classifier, and its agreement with another: papers.
 */
#ifndef ARGMAX_H
#define ARGMAX_H

#include <stddef.h>
#include <stdint.h>

enum { ARGMAX_DST, ARGMAX_SRC }; /* operands of the spec */

struct argmax {
    int32_t *dst;
    const float *src;
    size_t m, n, ld_src;
};
typedef void argmax_fn(const struct argmax *a);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void argmax(const struct kernel_set *set, int threads, const struct argmax *a);

#endif
