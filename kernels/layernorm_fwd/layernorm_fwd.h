/* layernorm_fwd: each row to mean 0 and variance 1, then scaled and shifted by element.
 *
 *   mean[i] = sum over j of src[i][j] / n
 *   rstd[i] = 1 / sqrt(sum over j of (src[i][j] - mean[i])^2 / n + eps)
 *   dst[i][j] = (src[i][j] - mean[i]) * rstd[i] * gamma[j] + beta[j]
 *
 * dst     m x n, row i at dst + i ld_dst, any alignment; the same matrix as src with the same leading
 *         dimension, or no overlap.
 * mean, rstd  m floats each: what layernorm_bwd needs. Overlap nothing.
 * src     m x n, row i at src + i ld_src, any alignment; read only unless it is dst.
 * gamma, beta  n floats each, any alignment; read only.
 * m       any value.
 * n       up to 2^24. With n = 0 mean and rstd are NaN.
 * eps     positive.
 * Special a row that holds NaN or Inf is NaN throughout, mean and rstd included. Finite rows whose sums
 *         overflow have the same words on every lane, and nothing else is promised of them.
 * Order   part of the contract. A sum over a row: element j joins partial j mod 32 (from +0), partial p takes
 *         partial p + h for h = 16, 8, 4, 2, 1. Two passes:
 *           shift = sum of x / n
 *           d = x - shift, D = sum of d, Q = sum of d^2 (fused), off = D / n
 *           rstd = 1 / sqrt(max(fma(-off, off, Q / n), 0) + eps),  mean = shift + off
 *           dst = fma(fma(d, rstd, -off * rstd), gamma, beta)
 *         d is exact where the mean is large against the deviation, and off then restores what shift lost
 *         to its rounding: no digit of x is lost to a large mean.
 * Error   with u = 2^-24, g = gamma_t = t u / (1 - t u), t = ceil(n / 32) + 9, all sums exact, mu and V the exact
 *         mean and variance, a = g sum |x| / n + 2^-150 (of shift), b_j = |x_j - mu| + a, b their mean:
 *           off:    |off - (mu - shift)| <= e = g b + 2^-150, |off| <= a + e
 *           mean:   |mean - mu| <= e + u |mu| + 2^-150
 *           V:      the variance found lies within v = g (V + a^2) + e (2 a + e) + 2^-148 of V
 *           rstd:   between 1 / sqrt(V + eps + v) and 1 / sqrt(max(V - v, 0) + eps), 4 u apart from either
 *           dst:    with r the bound on rstd and R the largest rstd, f_j = (u b_j + e) R + |x_j - mu| r +
 *                   u (|off| R + |x_j - mu| / sqrt(V + eps) + f_j) + 2^-148: |gamma_j| f_j + u |dst| + 2^-150.
 *         To first order: where |mu| is at most 1 / (t u) deviations, a few u of each term of dst.
 * Cost    8 m n flops, 4 m n bytes read, 4 m n written.
 * Source  Ba, Kiros, Hinton, "Layer normalization", arXiv:1607.06450, eq. 3; the correction of the mean: Chan,
 *         Golub, LeVeque, "Algorithms for computing the sample variance", The American Statistician 37 (1983).
 */
#ifndef LAYERNORM_FWD_H
#define LAYERNORM_FWD_H

#include <math.h>
#include <stddef.h>

/* Operands of the spec. eps is LAYERNORM_FWD_SPEC_EPS. */
enum {
    LAYERNORM_FWD_DST,
    LAYERNORM_FWD_MEAN,
    LAYERNORM_FWD_RSTD,
    LAYERNORM_FWD_SRC,
    LAYERNORM_FWD_GAMMA,
    LAYERNORM_FWD_BETA
};
#define LAYERNORM_FWD_SPEC_EPS 1e-5f

struct layernorm_fwd {
    float *dst, *mean, *rstd;
    const float *src, *gamma, *beta;
    size_t m, n, ld_dst, ld_src;
    float eps;
};

typedef void layernorm_fwd_fn(const struct layernorm_fwd *a);

/* The partials of a sum over a row. */
enum { LAYERNORM_FWD_PARTS = 32 };

/* What the sums over row i come to: its mean and rstd, and dst = fma(fma(x - shift, rstd, offset), gamma, beta). */
struct layernorm_fwd_row {
    float shift, rstd, offset;
};
static inline struct layernorm_fwd_row layernorm_fwd_row(const struct layernorm_fwd *a, size_t i,
                                                         float shift, float sum, float square)
{
    const float n = (float)a->n, off = sum / n, found = fmaf(-off, off, square / n);
    const float variance = 0.0f > found ? 0.0f : found; /* NaN stays */
    const float rstd = 1.0f / sqrtf(variance + a->eps);
    a->mean[i] = shift + off;
    a->rstd[i] = rstd;
    return (struct layernorm_fwd_row){shift, rstd, -off * rstd};
}

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void layernorm_fwd(const struct kernel_set *set, int threads, const struct layernorm_fwd *a);

#endif
