/* dot_norms: the inner product of two vectors and both squared norms, in one pass.
 *
 *   dst = sum of x[i] y[i], sum of x[i]^2, sum of y[i]^2
 *
 * With y = x the squared norm of a gradient; those of several tensors,
 * added in f64, give the norm that clips them all.
 *
 * dst     three doubles, as the enum below names them; overlaps neither x nor y.
 * x, y    n floats each, any alignment; read only, and may be the same vector.
 * n       any value; 0 stores three +0.
 * Special IEEE 754: NaN, or infinities that meet, spread to the sums they enter; which NaN comes out
 *         is not specified. No finite input overflows or underflows. With DAZ set, subnormals
 *         count as zero.
 * Order   part of the contract: blocks of DOT_NORMS_BLOCK elements; in a block, element i joins
 *         lane i mod 16 (from +0) by one fused step in f64, the sixteen lanes fold
 *         16 -> 8 -> 4 -> 2 -> 1, and the blocks are added in order (from +0).
 * Error   a product of two f32 is exact in f64, so a term meets at most t = DOT_NORMS_BLOCK / 16 +
 *         4 + ceil(n / DOT_NORMS_BLOCK) roundings: |dst - exact| <= g sum |terms|,
 *         g = t U / (1 - t U), U = 2^-53. As sum |x y| <= |x| |y|, the cosine
 *         xy / sqrt(xx yy) of the three lies within 2 g + 3 U, to first order, of the exact one:
 *         1.2e-13 for n = 2^20, where t = 516.
 * Cost    6 n flops, 8 n bytes read.
 * Source  norms and cosines of layerwise updates: the feature speed formula.
 */
#ifndef DOT_NORMS_H
#define DOT_NORMS_H

#include <stddef.h>

enum { DOT_NORMS_XY, DOT_NORMS_XX, DOT_NORMS_YY, DOT_NORMS_FIELDS };
enum { DOT_NORMS_DST, DOT_NORMS_X, DOT_NORMS_Y }; /* operands of the spec */
enum { DOT_NORMS_BLOCK = 4096 };

/* The leaf: the three sums of one block of n <= DOT_NORMS_BLOCK elements. */
typedef void dot_norms_fn(double sums[DOT_NORMS_FIELDS], const float *x, const float *y, size_t n);

struct kernel_set;
/* On up to `threads` threads, which start only where they pay. */
void dot_norms(const struct kernel_set *set, int threads, double dst[DOT_NORMS_FIELDS],
               const float *x, const float *y, size_t n);

#endif
