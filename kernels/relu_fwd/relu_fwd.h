/* relu_fwd: the rectifier.
 *
 *   dst[i] = src[i] < 0 ? +0 : src[i]
 *
 * dst     n floats, any alignment; the same vector as src, or no overlap with it.
 * src     n floats, any alignment; read only.
 * n       any value.
 * Special NaN stays NaN with its payload, -0 stays -0, subnormals stay unless DAZ is set.
 * Error   exact.
 * Cost    n comparisons, 4 n bytes read, 4 n written.
 * Source  papers: initialization and variance dynamics; the feature speed formula.
 */
#ifndef RELU_FWD_H
#define RELU_FWD_H

#include <stddef.h>

enum { RELU_FWD_DST, RELU_FWD_SRC }; /* operands of the spec */

typedef void relu_fwd_fn(float *dst, const float *src, size_t n);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void relu_fwd(const struct kernel_set *set, int threads, float *dst, const float *src, size_t n);

#endif
