/* gelu_bwd: the gradient of gelu_fwd.
 *
 *   erf:  dsrc[i] = ddst[i] * (Phi(x) + x phi(x)),  Phi and phi the normal distribution and density,  x = src[i]
 *   tanh: dsrc[i] = ddst[i] * (q + x q (1 - q) s'(x)),  q = 1 / (1 + e^-s),  s = 2 sqrt(2 / pi) (x + 0.044715 x^3)
 *
 * dsrc    n floats, any alignment; the same vector as ddst or src, or no overlap with either.
 * ddst    n floats, any alignment: the gradient of the activation.
 * src     n floats, any alignment: what gelu_fwd read. Both are read only unless they are dsrc, and may be the same
 *         vector.
 * n       any value.
 * tanh    which of the two.
 * Special the factor on ddst is NaN where src is, 1 at +inf, +0 at -inf; the product follows IEEE 754.
 * Order   part of the contract; each step is rounded, those of fma once; erf is that of simd/vec_math.h,
 *         2^ that of simd/exp2.h, the constants are those of simd/gelu.h. c = min(max(x, -GELU_FAR), GELU_FAR):
 *           erf:  f = fma(c GELU_DENSITY, 2^((c (-LOG2_E / 2)) c), fma(1/2, erf(c GELU_SQRT_HALF), 1/2))
 *           tanh: y as in gelu_fwd, e = 2^-|y|, r = 1 / (1 + e), g = e r, q = y < 0 ? g : r
 *                 f = fma(c fma(GELU_SLOPE_3, c c, GELU_SLOPE_1), g r, q)
 *           dsrc = ddst f
 *         The same words on every lane.
 * Error   u = 2^-24, E the ULP of erf, f exact, to first order, and 2^-149 + 2^-126 |ddst| (1 + |x s'|), without s'
 *         for erf, beside it:
 *           |ddst| (F + u |f|) + u |ddst f| with
 *           erf:  F = (2 u |z| erf'(z) + 2 E u |erf(z)| + u (1 + erf(z))) / 2 + |x phi(x)| (3 x^2 / 2 + 6) u
 *           tanh: F = q (a + 3 u) + |x q (1 - q) s'| (a + 10 u),  a = (4 |s| + 4) u
 * Cost    44 or 28 operations an element; 8 n bytes read, 4 n written.
 * Source  Hendrycks, Gimpel, arXiv:1606.08415.
 */
#ifndef GELU_BWD_H
#define GELU_BWD_H

#include <stdbool.h>
#include <stddef.h>

enum { GELU_BWD_DSRC, GELU_BWD_DDST, GELU_BWD_SRC }; /* operands of the spec. Flag: tanh. */
enum { GELU_BWD_FLAG_TANH = 1 };

typedef void gelu_bwd_fn(float *dsrc, const float *ddst, const float *src, size_t n, bool tanh);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void gelu_bwd(const struct kernel_set *set, int threads, float *dsrc, const float *ddst,
              const float *src, size_t n, bool tanh);

#endif
