#include <math.h>

#include "../base/bound.h"
#include "../kernel.h"
#include "moments.h"

static const struct shape check_shapes[] = {{.n = 0},    {.n = 1},     {.n = 15},     {.n = 16},
                                            {.n = 17},   {.n = 65},    {.n = 4095},   {.n = 4096},
                                            {.n = 4097}, {.n = 70001}, {.n = 1100003}};
static const struct shape bench_shapes[] = {
    {.n = 2048}, {.n = 65536}, {.n = 1048576}, {.n = 16777216}};

static size_t operands(const struct shape *s, struct operand op[])
{
    op[MOMENTS_DST] =
        (struct operand){"dst", ROLE_OUT, TYPE_F64, 1, MOMENTS_FIELDS, MOMENTS_FIELDS, 0};
    op[MOMENTS_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, 1, s->n, s->n, 0};
    return 2;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    moments(set, threads, buf[MOMENTS_SRC], s->n, buf[MOMENTS_DST]);
}

/* In long double, by two passes: another algorithm than the kernel's. */
static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const float *x = buf[MOMENTS_SRC];
    double *w = want[MOMENTS_DST], *allowed = slack[MOMENTS_DST];
    long double sum = 0, magnitude = 0, square = 0, away = 0;
    double finite = 0, zero = 0, subnormal = 0, least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < s->n; i++) {
        const int class = fpclassify(x[i]);
        if (class == FP_NAN || class == FP_INFINITE) continue;
        finite++;
        zero += class == FP_ZERO;
        subnormal += class == FP_SUBNORMAL;
        sum += (long double)x[i];
        magnitude += fabsl((long double)x[i]);
        square += (long double)x[i] * (long double)x[i];
        if ((double)x[i] < least) least = (double)x[i];
        if ((double)x[i] > most) most = (double)x[i];
    }
    const long double mean = sum / (long double)finite;
    for (size_t i = 0; i < s->n; i++)
        if (isfinite(x[i])) away += ((long double)x[i] - mean) * ((long double)x[i] - mean);
    const double blocks = ceil((double)s->n / MOMENTS_BLOCK), n = (double)s->n;
    const double roundings = MOMENTS_BLOCK / 16.0 + 4.0 + blocks, u = 0x1p-53;
    const bool none = !(finite > 0);
    for (int f = 0; f < MOMENTS_FIELDS; f++) allowed[f] = 0.0;
    w[MOMENTS_MEAN] = none ? NAN : (double)mean;
    w[MOMENTS_VARIANCE] = none ? NAN : (double)(away / (long double)finite);
    w[MOMENTS_MIN] = none ? NAN : least;
    w[MOMENTS_MAX] = none ? NAN : most;
    w[MOMENTS_ZERO] = s->n ? zero / n : 0.0;
    w[MOMENTS_SUBNORMAL] = s->n ? subnormal / n : 0.0;
    w[MOMENTS_NONFINITE] = s->n ? (n - finite) / n : 0.0;
    w[MOMENTS_N] = n;
    /* Which zero is the least of +0 and -0 is not specified; a slack frees its sign. */
    allowed[MOMENTS_MIN] = allowed[MOMENTS_MAX] = 0x1p-150;
    if (none) return;
    /* The contract's bound, and what this oracle's own additions may be off by: what its mean is off by moves
     * the squares by the square of that alone, since differences from the mean add up to nothing. */
    const double own = (n + 5.0) * bound_long_unit();
    allowed[MOMENTS_MEAN] = ((roundings + 1.0) * u + own) * (double)magnitude / finite;
    allowed[MOMENTS_VARIANCE] = ((3.0 * roundings + 5.0) * u + own) * (double)square / finite;
}

static double flops(const struct shape *s)
{
    return 4.0 * (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 4.0 * (double)s->n;
}

const struct kernel_spec moments_spec = {
    .name = "moments",
    .formula = "dst = mean, variance, min, max, shares of zero, subnormal, non-finite",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILLS_ALL,
    .same_words = true,
    .operands = operands,
    .call = call,
    .oracle = oracle,
    .flops = flops,
    .bytes = bytes,
};
