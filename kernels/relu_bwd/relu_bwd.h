/* relu_bwd: the gradient of the rectifier.
 *
 *   dsrc[i] = !(dst[i] <= 0) ? ddst[i] : +0
 *
 * dsrc    n floats, any alignment; the same vector as ddst or dst, or no overlap with either.
 * ddst    n floats, any alignment; read only: the gradient of the activation.
 * dst     n floats, any alignment; read only: the activation, what relu_fwd wrote.
 * n       any value.
 * Special the gradient passes where dst is NaN, and is +0 where dst is +0 or -0; a gradient that
 * passes keeps its word (NaN with its payload, -0, subnormals). Error   exact. Under DAZ a
 * subnormal dst counts as zero. Cost    n comparisons, 8 n bytes read, 4 n written. Source  papers:
 * initialization and variance dynamics; the feature speed formula.
 */
#ifndef RELU_BWD_H
#define RELU_BWD_H

#include <stddef.h>

enum { RELU_BWD_DSRC, RELU_BWD_DDST, RELU_BWD_DST }; /* operands of the spec */

typedef void relu_bwd_fn(float *dsrc, const float *ddst, const float *dst, size_t n);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void relu_bwd(const struct kernel_set *set, int threads, float *dsrc, const float *ddst,
              const float *dst, size_t n);

#endif
