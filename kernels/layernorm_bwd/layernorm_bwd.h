/* layernorm_bwd: the gradients of layernorm_fwd.
 *
 *   h[i][j] = (src[i][j] - mean[i]) * rstd[i],  g[i][j] = ddst[i][j] * gamma[j]
 *   dsrc[i][j] (+)= rstd[i] * (g[i][j] - mean over j of g[i] - h[i][j] * mean over j of g[i] h[i])
 *   dgamma[j] (+)= sum over i of ddst[i][j] h[i][j],  dbeta[j] (+)= sum over i of ddst[i][j]
 *
 * dsrc    m x n, row i at dsrc + i ld_dsrc, any alignment; with add_data what it holds is added to. The same
 *         matrix as ddst with the same leading dimension, or no overlap.
 * dgamma, dbeta  n floats each, any alignment; with add_weights what they hold is added to. Overlap nothing.
 * ddst, src  m x n, row i at ddst + i ld_ddst and src + i ld_src, any alignment; read only.
 * mean, rstd  m floats each, as layernorm_fwd stores them; read only.
 * gamma   n floats, any alignment; read only.
 * scratch layernorm_bwd_scratch(m, n) floats of work space, any alignment.
 * m       any value; with 0 the sums over rows are +0.
 * n       up to 2^24.
 * Special a row in which mean, rstd or an element of g is NaN is NaN in all of dsrc; a NaN in ddst or h is one in
 *         dbeta or dgamma. Where an infinity enters dsrc or dgamma, or a sum overflows, nothing is promised
 *         but the same words.
 * Order   part of the contract. Sums over a row: element j joins partial j mod 32 (from +0), partial p takes
 *         partial p + h for h = 16, 8, 4, 2, 1. With d = src - mean and h = d * rstd:
 *           G = sum of g / n,  H = sum of g d (fused) / n,  k1 = rstd * G,  k2 = rstd * (rstd * H)
 *           v = fma(g, rstd, fma(-h, k2, -k1)),  dsrc = v or dsrc + v
 *         Sums over rows: the rows of a block of layernorm_bwd_rows(m) in order (from +0), for dgamma fused; then
 *         the blocks in order (from +0), then dgamma or dbeta takes the sum. The blocks depend on m
 *         alone, so the words do not depend on the number of threads.
 * Error   mean and rstd taken as exact, u = 2^-24, gamma_t = t u / (1 - t u), t = ceil(n / 32) + 5 roundings of a
 *         sum over a row; A = |rstd| sum |g| / n, B = rstd^2 sum |g d| / n:
 *           dsrc:   gamma_(t+10) (A + |h| B) + gamma_3 |g rstd|, with add_data u |dsrc| more
 *           dgamma: gamma_(s+3) sum |ddst h|, dbeta: gamma_s sum |ddst|, of a block's rows and the blocks
 *                   s = rows + blocks + 1 roundings
 *         and 2^-149 for each subnormal rounding times what multiplies it.
 * Cost    15 m n flops, 8 m n bytes read, 4 m n written.
 * Source  Ba, Kiros, Hinton, "Layer normalization", arXiv:1607.06450: the derivative of its eq. 3.
 */
#ifndef LAYERNORM_BWD_H
#define LAYERNORM_BWD_H

#include <stdbool.h>
#include <stddef.h>

/* Operands of the spec, whose mean and rstd are prepared from src with eps LAYERNORM_BWD_SPEC_EPS. */
enum {
    LAYERNORM_BWD_DSRC,
    LAYERNORM_BWD_DGAMMA,
    LAYERNORM_BWD_DBETA,
    LAYERNORM_BWD_DDST,
    LAYERNORM_BWD_SRC,
    LAYERNORM_BWD_MEAN,
    LAYERNORM_BWD_RSTD,
    LAYERNORM_BWD_GAMMA,
    LAYERNORM_BWD_SCRATCH
};
enum { LAYERNORM_BWD_FLAG_ADD_DATA = 1, LAYERNORM_BWD_FLAG_ADD_WEIGHTS = 2 };
#define LAYERNORM_BWD_SPEC_EPS 1e-5f

struct layernorm_bwd {
    float *dsrc, *dgamma, *dbeta, *scratch;
    const float *ddst, *src, *mean, *rstd, *gamma;
    size_t m, n, ld_dsrc, ld_ddst, ld_src;
    bool add_data, add_weights;
};

struct team;
/* Called by every member of the team with the same arguments; returns when this member's part is done. */
typedef void layernorm_bwd_fn(const struct layernorm_bwd *a, const struct team *team);

/* The partials of a sum over a row; the fewest rows of a block, the most blocks. */
enum { LAYERNORM_BWD_PARTS = 32, LAYERNORM_BWD_ROWS = 16, LAYERNORM_BWD_BLOCKS = 64 };

static inline size_t layernorm_bwd_rows(size_t m)
{
    const size_t rows = (m + LAYERNORM_BWD_BLOCKS - 1) / LAYERNORM_BWD_BLOCKS;
    return rows < LAYERNORM_BWD_ROWS ? LAYERNORM_BWD_ROWS : (rows + 3) / 4 * 4;
}
static inline size_t layernorm_bwd_blocks(size_t m)
{
    return (m + layernorm_bwd_rows(m) - 1) / layernorm_bwd_rows(m);
}
/* Each block's part of dgamma, then of dbeta. */
static inline size_t layernorm_bwd_scratch(size_t m, size_t n)
{
    return 2 * n * layernorm_bwd_blocks(m);
}

/* What the sums over a row come to: v = fma(g, rstd, fma(-h, k2, -k1)). */
struct layernorm_bwd_row {
    float mean, rstd, k1, k2;
};
static inline struct layernorm_bwd_row layernorm_bwd_row(const struct layernorm_bwd *a, size_t i,
                                                         float sum_g, float sum_gd)
{
    const float n = (float)a->n, rstd = a->rstd[i];
    return (struct layernorm_bwd_row){a->mean[i], rstd, rstd * (sum_g / n),
                                      rstd * (rstd * (sum_gd / n))};
}

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void layernorm_bwd(const struct kernel_set *set, int threads, const struct layernorm_bwd *a);

#endif
