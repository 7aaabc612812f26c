#include <math.h>
#include <stdlib.h>

#include "../base/bound.h"
#include "../kernel.h"
#include "base/status.h"
#include "softmax_bwd.h"

static const struct shape check_shapes[] = {
    {.m = 0, .n = 5},
    {.m = 3, .n = 0},
    {.m = 1, .n = 1},
    {.m = 8, .n = 17},
    {.m = 5, .n = 31, .scale = 0.3f},
    {.m = 9, .n = 33, .pad = 3},
    {.m = 7, .n = 64, .scale = 4.0f},
    {.m = 4, .n = 129},
    {.m = 33, .n = 10},
    {.m = 2, .n = 50257, .pad = 47},
};
static const struct shape bench_shapes[] = {{.m = 32, .n = 10},      {.m = 768, .n = 64},
                                            {.m = 12288, .n = 128},  {.m = 3072, .n = 256},
                                            {.m = 12288, .n = 1024}, {.m = 256, .n = 50304}};

static const struct alias aliases[] = {{SOFTMAX_BWD_DSRC, SOFTMAX_BWD_DDST},
                                       {SOFTMAX_BWD_DSRC, SOFTMAX_BWD_DST},
                                       {SOFTMAX_BWD_DDST, SOFTMAX_BWD_DST}};

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t ld = s->n + s->pad;
    op[SOFTMAX_BWD_DSRC] = (struct operand){"dsrc", ROLE_OUT, TYPE_F32, s->m, s->n, ld, 0};
    op[SOFTMAX_BWD_DDST] = (struct operand){"ddst", ROLE_IN, TYPE_F32, s->m, s->n, ld, 0};
    op[SOFTMAX_BWD_DST] = (struct operand){"dst", ROLE_IN, TYPE_F32, s->m, s->n, ld, 0};
    return 3;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    softmax_bwd(set, threads,
                &(struct softmax_bwd){.dsrc = buf[SOFTMAX_BWD_DSRC],
                                      .ddst = buf[SOFTMAX_BWD_DDST],
                                      .dst = buf[SOFTMAX_BWD_DST],
                                      .m = s->m,
                                      .n = s->n,
                                      .ld_dsrc = s->n + s->pad,
                                      .ld_ddst = s->n + s->pad,
                                      .ld_dst = s->n + s->pad,
                                      .tau = shape_scale(s)});
}

/* A sum that may overflow on its way is held to words alone, as is what a factor on its way there may make of a
 * product. */
static void oracle_row(const float *ddst, const float *dst, size_t n, double tau, double *want,
                       double *slack)
{
    double sum = 0.0, magnitude = 0.0;
    for (size_t j = 0; j < n; j++) {
        sum += (double)dst[j] * (double)ddst[j];
        if (isfinite(dst[j]) && isfinite(ddst[j]))
            magnitude += fabs((double)dst[j] * (double)ddst[j]);
    }
    const double e = bound_gamma((n + 63) / 64 + 6) * magnitude + (double)n * 0x1p-149;
    const bool over = bound_overflows(magnitude, n);
    for (size_t j = 0; j < n; j++) {
        const double d = (double)ddst[j] - sum, y = (double)dst[j] / tau;
        const double most = fabs(d) + e, lost = 0x1p-149; /* of y, where it is subnormal */
        want[j] = y * d;
        slack[j] = fabs(y) * (most * bound_gamma(4) + e) + lost * (1.0 + most);
        const bool far = (isfinite(d) && bound_overflows(most, 1)) ||
                         (isfinite(dst[j]) && bound_overflows(fabs(y), 2));
        const bool vanishing = isinf(d) && y != 0.0 && fabs(y) <= lost;
        if ((over || far || vanishing) && !isnan(d) && !isnan(y)) {
            want[j] = 0.0;
            slack[j] = INFINITY;
        }
    }
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const size_t ld = s->n + s->pad;
    for (size_t i = 0; i < s->m; i++)
        oracle_row((const float *)buf[SOFTMAX_BWD_DDST] + i * ld,
                   (const float *)buf[SOFTMAX_BWD_DST] + i * ld, s->n, (double)shape_scale(s),
                   want[SOFTMAX_BWD_DSRC] + i * s->n, slack[SOFTMAX_BWD_DSRC] + i * s->n);
}

/* The softmax is of what stands for its output. */
static uint64_t forward(const struct shape *s, const double *const x[], double *dst)
{
    const double tau = (double)shape_scale(s);
    for (size_t i = 0; i < s->m; i++, dst += s->n) {
        const double *src = x[SOFTMAX_BWD_DST] + i * s->n;
        double sum = 0.0;
        for (size_t j = 0; j < s->n; j++) sum += exp(src[j] / tau);
        for (size_t j = 0; j < s->n; j++) dst[j] = exp(src[j] / tau) / sum;
    }
    return 0;
}

static void settle(const struct shape *s, void *const buf[], double *const x[])
{
    double *dst = malloc(s->m * s->n * sizeof *dst);
    if (!dst) out_of_memory();
    forward(s, (const double *const *)x, dst);
    for (size_t i = 0; i < s->m; i++)
        for (size_t j = 0; j < s->n; j++)
            ((float *)buf[SOFTMAX_BWD_DST])[i * (s->n + s->pad) + j] = (float)dst[i * s->n + j];
    free(dst);
}

static const struct grad_pair pairs[] = {{SOFTMAX_BWD_DST, SOFTMAX_BWD_DSRC}};
static const struct grad grad = {.ddst = SOFTMAX_BWD_DDST,
                                 .pairs = pairs,
                                 .count = sizeof pairs / sizeof *pairs,
                                 .settle = settle,
                                 .forward = forward};

static double flops(const struct shape *s)
{
    return 5.0 * (double)s->m * (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 12.0 * (double)s->m * (double)s->n;
}

const struct kernel_spec softmax_bwd_spec = {
    .name = "softmax_bwd",
    .formula = "dsrc = dst (ddst - sum of dst ddst) / tau, by rows",
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
    .grad = &grad,
    .flops = flops,
    .bytes = bytes,
};
