#include <math.h>

#include "../base/bound.h"
#include "../kernel.h"
#include "dot_norms.h"

static const struct shape check_shapes[] = {
    {.n = 0},  {.n = 1},    {.n = 15},   {.n = 16},   {.n = 17},    {.n = 63},    {.n = 64},
    {.n = 65}, {.n = 4095}, {.n = 4096}, {.n = 4097}, {.n = 12289}, {.n = 70001}, {.n = 1100003}};
static const struct shape bench_shapes[] = {
    {.n = 2000}, {.n = 16384}, {.n = 262144}, {.n = 786432}, {.n = 16777216}};

static const struct alias aliases[] = {{DOT_NORMS_X, DOT_NORMS_Y}};

static size_t operands(const struct shape *s, struct operand op[])
{
    op[DOT_NORMS_DST] =
        (struct operand){"dst", ROLE_OUT, TYPE_F64, 1, DOT_NORMS_FIELDS, DOT_NORMS_FIELDS, 0};
    op[DOT_NORMS_X] = (struct operand){"x", ROLE_IN, TYPE_F32, 1, s->n, s->n, 0};
    op[DOT_NORMS_Y] = (struct operand){"y", ROLE_IN, TYPE_F32, 1, s->n, s->n, 0};
    return 3;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    dot_norms(set, threads, buf[DOT_NORMS_DST], buf[DOT_NORMS_X], buf[DOT_NORMS_Y], s->n);
}

/* In long double, element by element. */
static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const float *x = buf[DOT_NORMS_X], *y = buf[DOT_NORMS_Y];
    long double sum[DOT_NORMS_FIELDS] = {0}, magnitude[DOT_NORMS_FIELDS] = {0};
    for (size_t i = 0; i < s->n; i++) {
        const long double a = (long double)x[i], b = (long double)y[i];
        const long double term[] = {
            [DOT_NORMS_XY] = a * b, [DOT_NORMS_XX] = a * a, [DOT_NORMS_YY] = b * b};
        for (int f = 0; f < DOT_NORMS_FIELDS; f++) {
            sum[f] += term[f];
            magnitude[f] += fabsl(term[f]);
        }
    }
    const double roundings = DOT_NORMS_BLOCK / 16.0 + 4.0 + ceil((double)s->n / DOT_NORMS_BLOCK);
    /* The contract's bound, and what this oracle's own n + 1 additions may be off by. */
    const double bound = roundings * 0x1p-53 / (1.0 - roundings * 0x1p-53);
    const double own = (double)(s->n + 1) * bound_long_unit() + 0x1p-53;
    for (int f = 0; f < DOT_NORMS_FIELDS; f++) {
        want[DOT_NORMS_DST][f] = (double)sum[f];
        slack[DOT_NORMS_DST][f] = (bound + own) * (double)magnitude[f];
    }
}

static double flops(const struct shape *s)
{
    return 6.0 * (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 8.0 * (double)s->n + 8.0 * DOT_NORMS_FIELDS;
}

const struct kernel_spec dot_norms_spec = {
    .name = "dot_norms",
    .formula = "dst = sum of x y, of x^2, of y^2",
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
