/* dot_fwd: the inner product of two vectors.
 *
 *   *dst = sum over i of x[i] * y[i]
 *
 * x, y    n floats each, any alignment; read only, and may be the same vector.
 * dst     one float; overlaps neither x nor y.
 * n       any value; 0 stores +0.
 * Order   part of the contract. Blocks of 4096 elements; in a block, term i joins partial i mod 64
 * (from +0) by one fused step in f32, then partial p takes partial p + h for h = 32, 16, 8, 4,
 * 2, 1. The blocks' sums are added in order in f64 (from +0) and the total is rounded to f32.
 * Special IEEE along that order: a partial past FLT_MAX is infinite, opposite infinities make NaN.
 * Error   |*dst - exact| <= 72 u sum |x[i] y[i]| + (n + 1) 2^-150, u = 2^-24: 64 fused steps, 6
 * folds and the last rounding, the f64 additions and second order within the 72nd, for n <= 2^36; a
 * step that rounds to a subnormal adds up to 2^-150. Cost    2 n flops, 8 n bytes read. Source
 * norms and cosines of layerwise updates: the feature speed formula.
 */
#ifndef DOT_FWD_H
#define DOT_FWD_H

#include <stddef.h>

enum { DOT_FWD_DST, DOT_FWD_X, DOT_FWD_Y }; /* operands of the spec */
enum { DOT_FWD_BLOCK = 4096 };

/* The leaf: sums[b] is the sum of block b, ceil(n / DOT_FWD_BLOCK) of them. */
typedef void dot_fwd_fn(double *sums, const float *x, const float *y, size_t n);

struct kernel_set;
/* The inner product on up to `threads` threads, which start only where they pay. */
void dot_fwd(const struct kernel_set *set, int threads, float *dst, const float *x, const float *y,
             size_t n);

#endif
