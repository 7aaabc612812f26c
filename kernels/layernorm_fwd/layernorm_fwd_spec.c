#include <math.h>

#include "../base/bound.h"
#include "../kernel.h"
#include "layernorm_fwd.h"

static const struct shape check_shapes[] = {{.m = 0, .n = 5},  {.m = 3, .n = 0},
                                            {.m = 1, .n = 1},  {.m = 2, .n = 17},
                                            {.m = 5, .n = 31}, {.m = 9, .n = 33, .pad = 3},
                                            {.m = 7, .n = 64}, {.m = 4, .n = 95, .pad = 1},
                                            {.m = 6, .n = 768}};
static const struct shape bench_shapes[] = {{.m = 64, .n = 128},
                                            {.m = 256, .n = 768},
                                            {.m = 1024, .n = 768},
                                            {.m = 2048, .n = 1024},
                                            {.m = 8, .n = 4096}};

static const struct alias aliases[] = {{LAYERNORM_FWD_DST, LAYERNORM_FWD_SRC}};

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t m = s->m, n = s->n, ld = n + s->pad;
    op[LAYERNORM_FWD_DST] = (struct operand){"dst", ROLE_OUT, TYPE_F32, m, n, ld, 0};
    op[LAYERNORM_FWD_MEAN] = (struct operand){"mean", ROLE_OUT, TYPE_F32, 1, m, m, 0};
    op[LAYERNORM_FWD_RSTD] = (struct operand){"rstd", ROLE_OUT, TYPE_F32, 1, m, m, 0};
    op[LAYERNORM_FWD_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, m, n, ld, 0};
    op[LAYERNORM_FWD_GAMMA] = (struct operand){"gamma", ROLE_IN, TYPE_F32, 1, n, n, 0};
    op[LAYERNORM_FWD_BETA] = (struct operand){"beta", ROLE_IN, TYPE_F32, 1, n, n, 0};
    return 6;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    layernorm_fwd(set, threads,
                  &(struct layernorm_fwd){.dst = buf[LAYERNORM_FWD_DST],
                                          .mean = buf[LAYERNORM_FWD_MEAN],
                                          .rstd = buf[LAYERNORM_FWD_RSTD],
                                          .src = buf[LAYERNORM_FWD_SRC],
                                          .gamma = buf[LAYERNORM_FWD_GAMMA],
                                          .beta = buf[LAYERNORM_FWD_BETA],
                                          .m = s->m,
                                          .n = s->n,
                                          .ld_dst = s->n + s->pad,
                                          .ld_src = s->n + s->pad,
                                          .eps = LAYERNORM_FWD_SPEC_EPS});
}

/* A row's exact mean, variance and rstd, and the bounds of the contract under their names there. */
struct exact {
    double mu, rstd, a, e, off, r, most;
    bool nan, free;
};

static struct exact exact_of(const float *x, size_t n)
{
    const double u = 0x1p-24, eps = (double)LAYERNORM_FWD_SPEC_EPS, count = (double)n;
    long double sum = 0.0L, size = 0.0L, square = 0.0L, away = 0.0L;
    for (size_t j = 0; j < n; j++) {
        sum += (long double)x[j];
        size += fabsl((long double)x[j]);
    }
    const long double mu = sum / (long double)n;
    for (size_t j = 0; j < n; j++) {
        square += ((long double)x[j] - mu) * ((long double)x[j] - mu);
        away += fabsl((long double)x[j] - mu);
    }
    /* What these sums round themselves, n + 3 times in 64 bits, is less than one step more. */
    const double g = bound_gamma((n + 31) / 32 + 10), variance = (double)(square / (long double)n);
    struct exact t = {.mu = (double)mu, .nan = !isfinite((double)size)};
    t.a = g * (double)size / count + 0x1p-150;
    const double b = (double)away / count + t.a;
    t.e = g * b + 0x1p-150;
    t.off = t.a + t.e;
    const double v = g * (variance + t.a * t.a) + t.e * (2.0 * t.a + t.e) + 0x1p-148;
    t.rstd = 1.0 / sqrt(variance + eps);
    t.most = (1.0 + 4.0 * u) / sqrt(fmax(variance - v, 0.0) + eps);
    t.r = fmax(t.most - t.rstd, t.rstd - (1.0 - 4.0 * u) / sqrt(variance + v + eps));
    t.free = bound_overflows((double)size, n) || bound_overflows((variance + t.a * t.a) * count, n);
    return t;
}

static void put(double *want, double *slack, size_t at, const struct exact *t, double x, double e)
{
    const bool nan = t->nan || isnan(x);
    want[at] = nan ? NAN : t->free ? 0.0 : x;
    slack[at] = nan ? 0.0 : t->free ? INFINITY : e;
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const float *gamma = buf[LAYERNORM_FWD_GAMMA], *beta = buf[LAYERNORM_FWD_BETA];
    const double u = 0x1p-24;
    for (size_t i = 0; i < s->m; i++) {
        const float *x = (const float *)buf[LAYERNORM_FWD_SRC] + i * (s->n + s->pad);
        struct exact t = exact_of(x, s->n);
        t.nan |= s->n == 0;
        put(want[LAYERNORM_FWD_MEAN], slack[LAYERNORM_FWD_MEAN], i, &t, t.mu,
            t.e + u * (fabs(t.mu) + t.e) + 0x1p-150);
        put(want[LAYERNORM_FWD_RSTD], slack[LAYERNORM_FWD_RSTD], i, &t, t.rstd, t.r);
        for (size_t j = 0; j < s->n; j++) {
            const double d = (double)x[j] - t.mu, c = d * t.rstd;
            const double before = (u * (fabs(d) + t.a) + t.e) * t.most + fabs(d) * t.r;
            const double f = (1.0 + 2.0 * u) * before + u * (t.off * t.most + fabs(c)) + 0x1p-148;
            const double y = c * (double)gamma[j] + (double)beta[j];
            struct exact at = t;
            /* An infinite gamma makes an infinity of the sign of what it scales, or NaN of 0. */
            at.free |= isinf(gamma[j]) && fabs(c) <= f;
            put(want[LAYERNORM_FWD_DST], slack[LAYERNORM_FWD_DST], i * s->n + j, &at, y,
                fabs((double)gamma[j]) * f * (1.0 + u) + (u + 0x1p-50) * fabs(y) +
                    0x1p-50 * fabs((double)beta[j]) + 0x1p-150);
        }
    }
}

static double flops(const struct shape *s)
{
    return 8.0 * (double)s->m * (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 8.0 * ((double)s->m * (double)s->n + (double)s->m + (double)s->n);
}

const struct kernel_spec layernorm_fwd_spec = {
    .name = "layernorm_fwd",
    .formula = "dst = (src - mean) / sqrt(variance + eps) gamma + beta, by rows",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILLS_ALL,
    .same_words = true,
    .aliases = aliases,
    .alias_count = sizeof aliases / sizeof *aliases,
    .operands = operands,
    .call = call,
    .oracle = oracle,
    .flops = flops,
    .bytes = bytes,
};
