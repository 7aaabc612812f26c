#include <math.h>

#include "../kernel.h"
#include "relu_fwd.h"

static const struct shape check_shapes[] = {{.n = 0},  {.n = 1},  {.n = 15},   {.n = 16},
                                            {.n = 17}, {.n = 63}, {.n = 1000}, {.n = 70001}};
static const struct shape bench_shapes[] = {
    {.n = 2000}, {.n = 16384}, {.n = 262144}, {.n = 786432}, {.n = 16777216}};

static const struct alias aliases[] = {{RELU_FWD_DST, RELU_FWD_SRC}};

static size_t operands(const struct shape *s, struct operand op[])
{
    op[RELU_FWD_DST] = (struct operand){"dst", ROLE_OUT, TYPE_F32, 1, s->n, s->n, 0};
    op[RELU_FWD_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, 1, s->n, s->n, 0};
    return 2;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    relu_fwd(set, threads, buf[RELU_FWD_DST], buf[RELU_FWD_SRC], s->n);
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const float *src = buf[RELU_FWD_SRC];
    for (size_t i = 0; i < s->n; i++) {
        /* By the sign bit: clang 14 turns "x < 0 ? 0 : x" into a max that loses the sign of -0. */
        const bool below = signbit(src[i]) && src[i] != 0.0f && !isnan(src[i]);
        want[RELU_FWD_DST][i] = below ? 0.0 : (double)src[i];
        slack[RELU_FWD_DST][i] = 0.0;
    }
}

static double flops(const struct shape *s)
{
    return (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 8.0 * (double)s->n;
}

const struct kernel_spec relu_fwd_spec = {
    .name = "relu_fwd",
    .formula = "dst = max(src, 0)",
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
