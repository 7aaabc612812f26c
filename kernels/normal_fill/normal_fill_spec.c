#include <math.h>

#include "../base/rng.h"
#include "../kernel.h"
#include "normal_fill.h"

enum { SEED = 20261, STREAM = 7 };

static const struct shape check_shapes[] = {
    {.n = 0, .scale = 1.0f},    {.n = 1, .scale = 1.0f},    {.n = 15, .scale = 0.5f},
    {.n = 16, .scale = 1.0f},   {.n = 17, .scale = 1e-40f}, {.n = 63, .scale = -2.0f},
    {.n = 64, .scale = 1.0f},   {.n = 65, .scale = 1e30f},  {.n = 8191, .scale = 1.0f},
    {.n = 8193, .scale = 0.1f}, {.n = 70001, .scale = 1.0f}};
static const struct shape bench_shapes[] = {
    {.n = 4096, .scale = 1.0f}, {.n = 262144, .scale = 1.0f}, {.n = 16777216, .scale = 1.0f}};

static size_t operands(const struct shape *s, struct operand op[])
{
    op[NORMAL_FILL_DST] = (struct operand){"dst", ROLE_OUT, TYPE_F32, 1, s->n, s->n, 0};
    return 1;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    normal_fill(set, threads, buf[NORMAL_FILL_DST], s->n, s->scale, SEED, STREAM);
}

/* By the C library's log, sin and cos in f64, turned by the whole angle at once. */
static double gaussian(size_t i)
{
    const uint64_t c = 16 * (i / 64) + i % 16;
    const uint32_t counter[4] = {(uint32_t)c, (uint32_t)(c >> 32), STREAM, 0};
    const uint32_t key[2] = {SEED, 0};
    uint32_t out[4];
    philox4x32_10(counter, key, out);
    const size_t w = i / 16 % 4;
    const uint32_t w0 = out[w & 2], w1 = out[(w & 2) + 1];
    const double u = (double)(float)(((double)w0 + 0.5) * 0x1p-32);
    const double part = (double)(w1 << 2 >> 8) * 0x1p-24 - 0.5;
    const double angle = acos(-1.0) / 2.0 * ((double)(w1 >> 30) + part);
    return sqrt(-2.0 * log(u)) * (w & 1 ? sin(angle) : cos(angle));
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    (void)buf;
    const double scale = (double)s->scale;
    for (size_t i = 0; i < s->n; i++) {
        const double z = gaussian(i);
        want[NORMAL_FILL_DST][i] = scale * z;
        slack[NORMAL_FILL_DST][i] =
            0x1p-21 * fabs(scale * z) + 0x1p-23 * 6.77 * fabs(scale) + 0x1p-149;
    }
}

static double flops(const struct shape *s)
{
    return 45.0 * (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 4.0 * (double)s->n;
}

const struct kernel_spec normal_fill_spec = {
    .name = "normal_fill",
    .formula = "dst = scale * Gaussian(seed, stream, index), by Philox4x32-10",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILL_BIT(FILL_UNIT),
    .same_words = true,
    .operands = operands,
    .call = call,
    .oracle = oracle,
    .flops = flops,
    .bytes = bytes,
};
