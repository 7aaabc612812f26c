/* The layers of which networks are made, with what rounding may do to them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bound.h"
#include "par.h"
#include "perturbed.h"
#include "sums.h"

static const double U = 0x1p-24, LEAST = 0x1p-149;

/* ---- linear layers */

static void product(struct perturbed *p, struct sums s, const double *bias)
{
    const double part = s.k ? 1.0 / sqrt((double)s.k) : 1.0;
    s.e = perturbed_doubles(s.m * s.n);
    s.chained = true;
    s.at = (struct place){.row = s.n, .col = 1};
    sums(&s);
    for (size_t i = 0; i < s.m; i++)
        for (size_t j = 0; j < s.n; j++) {
            const double start = bias ? bias[j] : 0.0;
            s.x[i * s.n + j] += start;
            s.e[i * s.n + j] = part * (s.e[i * s.n + j] + bound_gamma(s.k) * fabs(start));
        }
    perturbed_move(p, s.x, s.e, s.m * s.n);
    free(s.e);
}

static struct factor rows_of(const double *x, size_t n)
{
    return (struct factor){.x = x, .at = {.row = n, .col = 1}};
}

static struct factor weights_of(const struct perturbed_linear *a)
{
    return a->transposed ? factor_transpose(rows_of(a->w, a->k)) : rows_of(a->w, a->n);
}

void perturbed_linear_fwd(struct perturbed *p, const struct perturbed_linear *a, double *dst,
                          const double *src)
{
    product(
        p,
        (struct sums){
            .m = a->m, .n = a->n, .k = a->k, .a = rows_of(src, a->k), .b = weights_of(a), .x = dst},
        a->bias);
}

void perturbed_linear_bwd(struct perturbed *p, const struct perturbed_linear *a, double *dsrc,
                          double *dw, double *db, const double *ddst, const double *src)
{
    static const float one = 1.0f;
    const struct factor up = rows_of(ddst, a->n), in = rows_of(src, a->k);
    if (dw && !a->transposed)
        product(p,
                (struct sums){
                    .m = a->k, .n = a->n, .k = a->m, .a = factor_transpose(in), .b = up, .x = dw},
                NULL);
    if (dw && a->transposed)
        product(p,
                (struct sums){
                    .m = a->n, .n = a->k, .k = a->m, .a = factor_transpose(up), .b = in, .x = dw},
                NULL);
    if (db)
        product(p,
                (struct sums){.m = 1, .n = a->n, .k = a->m, .a = {.exact = &one}, .b = up, .x = db},
                NULL);
    if (dsrc)
        product(p,
                (struct sums){.m = a->m,
                              .n = a->k,
                              .k = a->n,
                              .a = up,
                              .b = factor_transpose(weights_of(a)),
                              .x = dsrc},
                NULL);
}

/* ---- layernorm: the bounds of its rooms, where the mean is not large against the deviation */

/* Roundings of a sum over a row. */
static double steps_of(size_t n)
{
    return (double)((n + 31) / 32 + 10);
}

void perturbed_norm_fwd(struct perturbed *p, const struct perturbed_norm *a, double *dst,
                        double *stat, const double *src)
{
    const double n = (double)a->n, share = sqrt(steps_of(a->n)) * U;
    double *e = perturbed_doubles(a->m * (a->n + 2)), *e_stat = e + a->m * a->n;
    for (size_t i = 0; i < a->m; i++) {
        const double *x = src + i * a->n;
        double mean = 0.0, square = 0.0, size = 0.0;
        for (size_t j = 0; j < a->n; j++) mean += x[j] / n;
        for (size_t j = 0; j < a->n; j++) {
            square += (x[j] - mean) * (x[j] - mean);
            size += fabs(x[j]) / n;
        }
        const double variance = square < (double)FLT_MAX ? square / n : NAN;
        const double rstd = 1.0 / sqrt(variance + a->eps);
        stat[i] = mean;
        stat[a->m + i] = rstd;
        e_stat[i] = U * fabs(mean) + share * sqrt(square / n);
        e_stat[a->m + i] = share * rstd;
        for (size_t j = 0; j < a->n; j++) {
            const double gamma = a->gamma[j], h = (x[j] - mean) * rstd;
            const size_t at = i * a->n + j;
            dst[at] = h * gamma + a->beta[j];
            /* of the sums, to first order; of the steps after them */
            e[at] = share * (fabs(h) + U * size * rstd) * fabs(gamma) +
                    U * (2.0 * fabs(h * gamma) + fabs(dst[at])) + LEAST;
        }
    }
    perturbed_move(p, dst, e, a->m * a->n);
    /* What the backward pass reads is rounded: where the mean is large, that is most of what it is off. */
    perturbed_move(p, stat, e_stat, 2 * a->m);
    free(e);
}

static void add_columns(double *dgamma, double *dbeta, double *e_gamma, double *e_beta,
                        const double *ddst, const double *h, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        dgamma[j] += ddst[j] * h[j];
        dbeta[j] += ddst[j];
        e_gamma[j] += fabs(ddst[j] * h[j]);
        e_beta[j] += fabs(ddst[j]);
    }
}

void perturbed_norm_bwd(struct perturbed *p, const struct perturbed_norm *a, double *dsrc,
                        double *dgamma, double *dbeta, const double *ddst, const double *src,
                        const double *stat)
{
    const double n = (double)a->n, share = sqrt(steps_of(a->n)) * U;
    double *e = perturbed_doubles(a->m * a->n), *h = perturbed_doubles(3 * a->n);
    double *e_gamma = h + a->n, *e_beta = e_gamma + a->n;
    for (size_t j = 0; j < a->n; j++) dgamma[j] = dbeta[j] = e_gamma[j] = e_beta[j] = 0.0;
    for (size_t i = 0; i < a->m; i++) {
        const double *x = src + i * a->n, *d = ddst + i * a->n;
        const double mean = stat[i], rstd = stat[a->m + i];
        double g_mean = 0.0, gh_mean = 0.0, g_size = 0.0, gh_size = 0.0;
        for (size_t j = 0; j < a->n; j++) {
            const double g = d[j] * a->gamma[j];
            h[j] = (x[j] - mean) * rstd;
            g_mean += g / n;
            gh_mean += g * h[j] / n;
            g_size += fabs(g) / n;
            gh_size += fabs(g * h[j]) / n;
        }
        add_columns(dgamma, dbeta, e_gamma, e_beta, d, h, a->n);
        for (size_t j = 0; j < a->n; j++) {
            const double g = d[j] * a->gamma[j];
            const size_t at = i * a->n + j;
            dsrc[at] += rstd * (g - g_mean - h[j] * gh_mean);
            e[at] = fabs(rstd) * (share * (g_size + fabs(h[j]) * gh_size) + 3.0 * U * fabs(g)) +
                    U * fabs(dsrc[at]) + LEAST;
        }
    }
    /* Sums over rows: of a block, then of the blocks. */
    const double rows = U * sqrt((double)a->m + 4.0);
    for (size_t j = 0; j < a->n; j++) {
        e_gamma[j] = rows * e_gamma[j] + LEAST;
        e_beta[j] = rows * e_beta[j] + LEAST;
    }
    perturbed_move(p, dsrc, e, a->m * a->n);
    perturbed_move(p, dgamma, e_gamma, a->n);
    perturbed_move(p, dbeta, e_beta, a->n);
    free(e);
    free(h);
}

/* ---- element by element */

/* Of x q(s): s, its derivative, and q = 1 / (1 + e^-s). */
struct gelu {
    double s, slope, q;
};
static struct gelu gelu_of(double x)
{
    const double SQRT_2_PI = 0.79788456080286535588, CUBIC = 0.044715;
    const double s = 2.0 * SQRT_2_PI * (x + CUBIC * x * x * x);
    return (struct gelu){s, 2.0 * SQRT_2_PI * (1.0 + 3.0 * CUBIC * x * x), 1.0 / (1.0 + exp(-s))};
}

void perturbed_gelu_fwd(struct perturbed *p, double *dst, const double *src, size_t n)
{
    double *e = perturbed_doubles(n);
    for (size_t i = 0; i < n; i++) {
        const struct gelu y = gelu_of(src[i]);
        const double small = exp(-fabs(y.s));
        dst[i] = src[i] * y.q;
        e[i] = fabs(dst[i]) * U *
                   ((4.0 * fabs(y.s) + 4.0) * (y.s < 0.0 ? 1.0 : small) / (1.0 + small) + 3.0) +
               0x1p-126;
    }
    perturbed_move(p, dst, e, n);
    free(e);
}

void perturbed_gelu_bwd(struct perturbed *p, double *d, const double *src, size_t n)
{
    double *e = perturbed_doubles(n);
    for (size_t i = 0; i < n; i++) {
        const struct gelu y = gelu_of(src[i]);
        const double steep = y.q < 1.0 ? src[i] * y.q * (1.0 - y.q) * y.slope : 0.0;
        const double f = y.q + steep, a = (4.0 * fabs(y.s) + 4.0) * U;
        e[i] = fabs(d[i]) *
                   (y.q * (a + 3.0 * U) + fabs(steep) * (a + 10.0 * U) + U * fabs(f) + 0x1p-126) +
               U * fabs(d[i] * f) + LEAST;
        d[i] *= f;
    }
    perturbed_move(p, d, e, n);
    free(e);
}

void perturbed_sum(struct perturbed *p, double *dst, const double *x, const double *y, size_t n)
{
    for (size_t i = 0; i < n; i++) dst[i] = x[i] + y[i];
    perturbed_move(p, dst, NULL, n);
}
