#include <math.h>

#include "../kernel.h"
#include "dot_fwd.h"

static const struct shape check_shapes[] = {{.n = 0},    {.n = 1},     {.n = 15},   {.n = 16},
                                            {.n = 17},   {.n = 63},    {.n = 64},   {.n = 65},
                                            {.n = 127},  {.n = 1000},  {.n = 4095}, {.n = 4096},
                                            {.n = 4097}, {.n = 12289}, {.n = 70001}};
static const struct shape bench_shapes[] = {
    {.n = 2000}, {.n = 16384}, {.n = 262144}, {.n = 786432}, {.n = 16777216}};

static const struct alias aliases[] = {{DOT_FWD_X, DOT_FWD_Y}};

static size_t operands(const struct shape *s, struct operand op[])
{
    op[DOT_FWD_DST] = (struct operand){"dst", ROLE_OUT, TYPE_F32, 1, 1, 1, 0};
    op[DOT_FWD_X] = (struct operand){"x", ROLE_IN, TYPE_F32, 1, s->n, s->n, 0};
    op[DOT_FWD_Y] = (struct operand){"y", ROLE_IN, TYPE_F32, 1, s->n, s->n, 0};
    return 3;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    dot_fwd(set, threads, buf[DOT_FWD_DST], buf[DOT_FWD_X], buf[DOT_FWD_Y], s->n);
}

/* A double that f32 cannot hold is infinite there: half an ulp past FLT_MAX rounds to infinity. */
static double in_f32_range(double x)
{
    return fabs(x) >= 0x1.ffffffp127 ? copysign(INFINITY, x) : x;
}

/* In f64, along the contract's order, for it decides which partial overflows. */
static double block_sum(const float *x, const float *y, size_t n, double *magnitude)
{
    double sum[64] = {0};
    for (size_t i = 0; i < n; i++) {
        const double product = (double)x[i] * (double)y[i];
        sum[i % 64] = in_f32_range(sum[i % 64] + product);
        *magnitude += fabs(product);
    }
    for (size_t h = 32; h; h /= 2)
        for (size_t p = 0; p < h; p++) sum[p] = in_f32_range(sum[p] + sum[p + h]);
    return sum[0];
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const float *x = buf[DOT_FWD_X], *y = buf[DOT_FWD_Y];
    double sum = 0.0, magnitude = 0.0;
    for (size_t i = 0; i < s->n; i += DOT_FWD_BLOCK)
        sum += block_sum(x + i, y + i, s->n - i < DOT_FWD_BLOCK ? s->n - i : DOT_FWD_BLOCK,
                         &magnitude);
    want[DOT_FWD_DST][0] = in_f32_range(sum);
    slack[DOT_FWD_DST][0] = s->n ? 72 * 0x1p-24 * magnitude + (double)(s->n + 1) * 0x1p-150 : 0.0;
}

static double flops(const struct shape *s)
{
    return 2.0 * (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 8.0 * (double)s->n + 4.0;
}

const struct kernel_spec dot_fwd_spec = {
    .name = "dot_fwd",
    .formula = "dst = sum of x y",
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
