/* axpy: a scaled vector added to another, in place or into a third; with a = 1 the residual sum of a
 * transformer.
 *
 *   dst[i] = a * x[i] + y[i]
 *
 * dst     n floats, any alignment; the same vector as y or x, or no overlap with it.
 * a       any value; 0 is no shortcut: 0 * Inf is NaN here too.
 * x, y    n floats each, any alignment; read only unless they are dst; may be the same vector.
 * n       any value.
 * Special IEEE 754 throughout; which NaN comes out is not specified.
 * Order   part of the contract: one fused step an element, so every variant returns the same words.
 * Error   |dst - exact| <= u |exact| + 2^-150, u = 2^-24: one rounding. With a = 1 it is the sum, rounded once.
 * Cost    2 n flops, 8 n bytes read, 4 n written.
 * Source  the BLAS, level 1; updates along a direction in the papers on Jacobian angles.
 */
#ifndef AXPY_H
#define AXPY_H

#include <stddef.h>

/* Operands of the spec; a is the shape's scale. Without flag into dst is y, and DST has no rows. */
enum { AXPY_Y, AXPY_X, AXPY_DST };
enum { AXPY_FLAG_INTO = 1 };

typedef void axpy_fn(float *dst, float a, const float *x, const float *y, size_t n);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void axpy(const struct kernel_set *set, int threads, float *dst, float a, const float *x,
          const float *y, size_t n);

#endif
