/* axpy: a scaled vector added to another.
 *
 *   y[i] = a * x[i] + y[i]
 *
 * y       n floats, any alignment; the same vector as x, or no overlap with it.
 * a       any value; 0 is no shortcut: 0 * Inf is NaN here too.
 * x       n floats, any alignment; read only unless it is y.
 * n       any value.
 * Special IEEE 754 throughout; which NaN comes out is not specified.
 * Order   part of the contract: one fused step an element, so every variant returns the same words.
 * Error   |y - exact| <= u |exact| + 2^-150, u = 2^-24: one rounding.
 * Cost    2 n flops, 8 n bytes read, 4 n written.
 * Source  the BLAS, level 1; updates along a direction in the papers on Jacobian angles.
 */
#ifndef AXPY_H
#define AXPY_H

#include <stddef.h>

enum { AXPY_Y, AXPY_X }; /* operands of the spec; a is the shape's scale */

typedef void axpy_fn(float *y, float a, const float *x, size_t n);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void axpy(const struct kernel_set *set, int threads, float *y, float a, const float *x, size_t n);

#endif
