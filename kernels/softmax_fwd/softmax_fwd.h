/* softmax_fwd: each row's exponentials, divided by their sum, at a temperature.
 *
 *   dst[i][j] = e^(src[i][j] / tau) / sum over k of e^(src[i][k] / tau)
 *
 * dst     m x n, row i at dst + i ld_dst, any alignment; the same matrix as src with the same leading
 *         dimension, or no overlap.
 * src     m x n, row i at src + i ld_src, any alignment; read only unless it is dst.
 * m, n    any values. ld_dst >= n, ld_src >= n.
 * tau     positive; it and 3 / tau are finite.
 * Special a row that holds NaN or +inf, or nothing but -inf, is NaN throughout. In any other row -inf gives +0, and so
 *         does what is 2^-126.5 of the greatest or less; finite elements of any size do not overflow.
 * Order   part of the contract, for each row: max is the greatest element;
 *           e_j = 2^((x_j - max) (LOG2_E / tau)),   s = sum of e_j,   dst_j = e_j (1 / s)
 *         each step rounded, 2^ and LOG2_E being those of simd/exp2.h. Element j joins partial j mod 16 of the
 *         sum (from +0), then partial p takes partial p + h for h = 8, 4, 2, 1. The same words on every lane.
 * Error   u = 2^-24, t_j = (x_j - max) / tau exactly: the power's exponent is within 4 u |t_j| + 2^-149 of it, so
 *         e_j lies between e^t_j e^-+(4 u |t_j| + 2^-149) (1 -+ 4 u) -+ 2^-126. With the sums of these ends, S- and S+,
 *         and g = gamma_t = t u / (1 - t u), t = ceil(n / 16) + 6 for the sum, the reciprocal and the product:
 *         e-_j / (S+ (1 + g)) - 2^-149 <= dst_j <= e+_j (1 + g) / S- + 2^-149. To first order it is off by
 *         4 u (|t_j| + sum of dst_k |t_k|) + (8 + t) u of itself.
 * Cost    19 m n flops; 4 m n bytes read, 4 m n written. A row is read from memory once where src and dst of a row
 *         fit into L2.
 * Source  attention, and the distribution over classes: papers.
 */
#ifndef SOFTMAX_FWD_H
#define SOFTMAX_FWD_H

#include <stddef.h>

enum { SOFTMAX_FWD_DST, SOFTMAX_FWD_SRC }; /* operands of the spec, whose scale is tau */

struct softmax_fwd {
    float *dst;
    const float *src;
    size_t m, n, ld_dst, ld_src;
    float tau;
};
typedef void softmax_fwd_fn(const struct softmax_fwd *a);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void softmax_fwd(const struct kernel_set *set, int threads, const struct softmax_fwd *a);

#endif
