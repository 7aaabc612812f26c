#include "../kernel.h"
#include "relu_bwd.h"

static const struct shape check_shapes[] = {{.n = 0},   {.n = 1},    {.n = 15},   {.n = 16},
                                            {.n = 17},  {.n = 63},   {.n = 64},   {.n = 65},
                                            {.n = 127}, {.n = 1000}, {.n = 70001}};
static const struct shape bench_shapes[] = {
    {.n = 2000}, {.n = 16384}, {.n = 262144}, {.n = 786432}, {.n = 16777216}};

static const struct alias aliases[] = {{RELU_BWD_DSRC, RELU_BWD_DDST},
                                       {RELU_BWD_DSRC, RELU_BWD_DST}};

static size_t operands(const struct shape *s, struct operand op[])
{
    op[RELU_BWD_DSRC] = (struct operand){"dsrc", ROLE_OUT, TYPE_F32, 1, s->n, s->n, 0};
    op[RELU_BWD_DDST] = (struct operand){"ddst", ROLE_IN, TYPE_F32, 1, s->n, s->n, 0};
    op[RELU_BWD_DST] = (struct operand){"dst", ROLE_IN, TYPE_F32, 1, s->n, s->n, 0};
    return 3;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    relu_bwd(set, threads, buf[RELU_BWD_DSRC], buf[RELU_BWD_DDST], buf[RELU_BWD_DST], s->n);
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const float *ddst = buf[RELU_BWD_DDST], *dst = buf[RELU_BWD_DST];
    for (size_t i = 0; i < s->n; i++) {
        want[RELU_BWD_DSRC][i] = (double)dst[i] <= 0.0 ? 0.0 : (double)ddst[i];
        slack[RELU_BWD_DSRC][i] = 0.0;
    }
}

/* The ReLU of what stands for its output: both have the same sign. */
static uint64_t forward(const struct shape *s, const double *const x[], double *dst)
{
    const double *src = x[RELU_BWD_DST];
    uint64_t sides = 0;
    for (size_t i = 0; i < s->n; i++) {
        dst[i] = src[i] > 0.0 ? src[i] : 0.0;
        sides = 3 * sides + (src[i] > 0.0);
    }
    return sides;
}

static const struct grad_pair pairs[] = {{RELU_BWD_DST, RELU_BWD_DSRC}};
static const struct grad grad = {.ddst = RELU_BWD_DDST,
                                 .pairs = pairs,
                                 .count = sizeof pairs / sizeof *pairs,
                                 .forward = forward};

static double flops(const struct shape *s)
{
    return (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 12.0 * (double)s->n;
}

const struct kernel_spec relu_bwd_spec = {
    .name = "relu_bwd",
    .formula = "dsrc = dst > 0 ? ddst : 0",
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
