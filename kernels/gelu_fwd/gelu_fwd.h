/* gelu_fwd: the Gaussian error linear unit.
 *
 *   erf:  dst[i] = x / 2 * (1 + erf(x / sqrt(2))),                                      x = src[i]
 *   tanh: dst[i] = x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))              (GPT-2's)
 *
 * dst     n floats, any alignment; the same vector as src or no overlap.
 * src     n floats, any alignment; read only unless it is dst.
 * n       any value.
 * tanh    which of the two.
 * Special NaN gives NaN, +inf +inf, -inf -0, +-0 itself.
 * Order   part of the contract; each step is rounded, those of fma once; erf is that of simd/vec_math.h,
 *         2^ that of simd/exp2.h, the constants are those of simd/gelu.h. c = max(x, -GELU_FAR):
 *           erf:  (c / 2) (1 + erf(c GELU_SQRT_HALF))
 *           tanh: y = c fma(GELU_3, c c, GELU_1), e = 2^-|y|;   (c (y < 0 ? e : 1)) / (1 + e)
 *         The same words on every lane.
 * Error   u = 2^-24, E the ULP of erf, s = 2 sqrt(2 / pi) (x + 0.044715 x^3), to first order, and 2^-126 (1 + |x|)
 *         beside it:
 *           erf:  |x| / 2 (2 u |z| erf'(z) + 2 E u |erf(z)| + u (1 + erf(z))) + u |dst|,  z = x / sqrt(2):
 *                 relative to dst where x > 0, to x where x < 0;
 *           tanh: |dst| ((4 |s| + 4) u (s < 0 ? 1 : e) / (1 + e) + 3 u): relative to dst on either side.
 * Cost    30 or 23 operations an element; 4 n bytes read, 4 n written.
 * Source  Hendrycks, Gimpel, arXiv:1606.08415.
 */
#ifndef GELU_FWD_H
#define GELU_FWD_H

#include <stdbool.h>
#include <stddef.h>

enum { GELU_FWD_DST, GELU_FWD_SRC }; /* operands of the spec. Flag: tanh. */
enum { GELU_FWD_FLAG_TANH = 1 };

typedef void gelu_fwd_fn(float *dst, const float *src, size_t n, bool tanh);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void gelu_fwd(const struct kernel_set *set, int threads, float *dst, const float *src, size_t n,
              bool tanh);

#endif
