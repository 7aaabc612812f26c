#include <math.h>

#include "../kernel.h"
#include "sgd_step.h"

enum { DECAY = SGD_STEP_FLAG_DECAY };

#define BOTH(count, rate)                                                                          \
    {.n = count, .scale = rate},                                                                   \
    {                                                                                              \
        .n = count, .scale = rate, .flags = DECAY                                                  \
    }
static const struct shape check_shapes[] = {
    BOTH(0, 0.1f),  BOTH(1, 0.1f),   BOTH(15, 0.5f),   BOTH(16, 0.01f), BOTH(17, 1e-30f),
    BOTH(63, 1.0f), BOTH(65, 10.0f), BOTH(127, -0.1f), BOTH(33, 0.0f),  BOTH(70001, 0.1f)};
static const struct shape bench_shapes[] = {
    {.n = 2000, .scale = 0.1f},   {.n = 16384, .scale = 0.1f},
    {.n = 262144, .scale = 0.1f}, {.n = 262144, .scale = 0.1f, .flags = DECAY},
    {.n = 786432, .scale = 0.1f}, {.n = 16777216, .scale = 0.1f}};

static float decay_of(const struct shape *s)
{
    return s->flags & DECAY ? SGD_STEP_SPEC_DECAY : 0.0f;
}

static size_t operands(const struct shape *s, struct operand op[])
{
    op[SGD_STEP_W] = (struct operand){"w", ROLE_INOUT, TYPE_F32, 1, s->n, s->n, 0};
    op[SGD_STEP_DW] = (struct operand){"dw", ROLE_IN, TYPE_F32, 1, s->n, s->n, 0};
    return 2;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    sgd_step(set, threads, buf[SGD_STEP_W], buf[SGD_STEP_DW], s->scale, decay_of(s), s->n);
}

/* A double as a single stores it where that matters to the judge: past FLT_MAX it is infinite. */
static double as_single(double x)
{
    const double over = 0x1.ffffffp127; /* half an ulp past FLT_MAX rounds to infinity */
    return fabs(x) >= over ? copysign(INFINITY, x) : x;
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const double u = 0x1p-24, lr = (double)s->scale, decay = (double)decay_of(s);
    const float *w = buf[SGD_STEP_W], *dw = buf[SGD_STEP_DW];
    for (size_t i = 0; i < s->n; i++) {
        double g = (double)dw[i], error = 0.0;
        if (decay != 0.0) {
            g = as_single(g + decay * (double)w[i]);
            error = fabs(lr) * (u * fabs(g) + 0x1p-150);
        }
        const double sum = (double)w[i] - lr * g;
        want[SGD_STEP_W][i] = as_single(sum);
        /* Of the contract, plus the roundings of f64 itself: of g (twice) and of the sum and its
         * product. */
        slack[SGD_STEP_W][i] =
            (1.0 + u) * error + u * fabs(sum) + 0x1p-150 +
            0x1p-51 * (fabs(sum) + fabs(lr * g) + fabs(lr * decay * (double)w[i]));
    }
}

static double flops(const struct shape *s)
{
    return (s->flags & DECAY ? 4.0 : 2.0) * (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 12.0 * (double)s->n;
}

const struct kernel_spec sgd_step_spec = {
    .name = "sgd_step",
    .flag_names = {"decay"},
    .formula = "w = w - lr (dw + decay w)",
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
