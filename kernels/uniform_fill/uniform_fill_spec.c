#include <math.h>

#include "../base/bound.h"
#include "../base/rng.h"
#include "../kernel.h"
#include "uniform_fill.h"

enum { SEED = 20262, STREAM = 5 };

static const struct shape check_shapes[] = {
    {.n = 0, .scale = 1.0f},    {.n = 1, .scale = 1.0f},    {.n = 15, .scale = 0.5f},
    {.n = 16, .scale = 1.0f},   {.n = 17, .scale = 1e-40f}, {.n = 63, .scale = -2.0f},
    {.n = 64, .scale = 1.0f},   {.n = 65, .scale = 1e30f},  {.n = 8191, .scale = 1.0f},
    {.n = 8193, .scale = 0.1f}, {.n = 70001, .scale = 1.0f}};
static const struct shape bench_shapes[] = {
    {.n = 4096, .scale = 1.0f}, {.n = 262144, .scale = 1.0f}, {.n = 16777216, .scale = 1.0f}};

static size_t operands(const struct shape *s, struct operand op[])
{
    op[UNIFORM_FILL_DST] = (struct operand){"dst", ROLE_OUT, TYPE_F32, 1, s->n, s->n, 0};
    return 1;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    uniform_fill(set, threads,
                 &(struct uniform_fill){.dst = buf[UNIFORM_FILL_DST],
                                        .n = s->n,
                                        .lo = -s->scale,
                                        .hi = s->scale,
                                        .seed = SEED,
                                        .stream = STREAM});
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    (void)buf;
    const double lo = -(double)s->scale, width = 2.0 * (double)s->scale;
    for (size_t i = 0; i < s->n; i++) {
        const uint32_t counter[4] = {(uint32_t)(16 * (i / 64) + i % 16), 0, STREAM, 0};
        uint32_t out[4];
        philox4x32_10(counter, (const uint32_t[2]){SEED, 0}, out);
        const double u = (double)(out[i / 16 % 4] >> 8) * 0x1p-24, x = lo + u * width;
        want[UNIFORM_FILL_DST][i] = x;
        slack[UNIFORM_FILL_DST][i] = bound_gamma(1) * (u * fabs(width) + fabs(x)) + 0x1p-149;
    }
}

static double flops(const struct shape *s)
{
    return 27.0 * (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 4.0 * (double)s->n;
}

const struct kernel_spec uniform_fill_spec = {
    .name = "uniform_fill",
    .formula = "dst = lo + (hi - lo) * uniform(seed, stream, index), by Philox4x32-10",
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
