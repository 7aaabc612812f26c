#include <math.h>

#include "../kernel.h"
#include "axpy.h"

enum { INTO = AXPY_FLAG_INTO };

static const struct shape check_shapes[] = {{.n = 0, .scale = 0.5f},
                                            {.n = 1, .scale = 0.5f},
                                            {.n = 15, .scale = -2.0f},
                                            {.n = 16, .scale = 0.1f},
                                            {.n = 17, .scale = 0.1f},
                                            {.n = 63, .scale = -0.3f},
                                            {.n = 64, .scale = 1e-30f},
                                            {.n = 65, .scale = 1e10f},
                                            {.n = 127, .scale = 1.0f},
                                            {.n = 1000, .scale = 0.3f},
                                            {.n = 70001, .scale = 0.7f},
                                            {.n = 33, .scale = 0.0f},
                                            {.n = 0, .scale = 1.0f, .flags = INTO},
                                            {.n = 17, .scale = 1.0f, .flags = INTO},
                                            {.n = 1000, .scale = -0.3f, .flags = INTO},
                                            {.n = 70001, .scale = 1.0f, .flags = INTO}};
static const struct shape bench_shapes[] = {{.n = 2000, .scale = 0.5f},
                                            {.n = 16384, .scale = 0.5f},
                                            {.n = 262144, .scale = 0.5f},
                                            {.n = 786432, .scale = 0.5f},
                                            {.n = 16777216, .scale = 0.5f},
                                            {.n = 16384, .scale = 1.0f, .flags = INTO},
                                            {.n = 786432, .scale = 1.0f, .flags = INTO}};

static const struct alias aliases[] = {{AXPY_Y, AXPY_X}, {AXPY_DST, AXPY_Y}, {AXPY_DST, AXPY_X}};

static size_t operands(const struct shape *s, struct operand op[])
{
    const bool into = s->flags & INTO;
    op[AXPY_Y] = (struct operand){"y", into ? ROLE_IN : ROLE_INOUT, TYPE_F32, 1, s->n, s->n, 0};
    op[AXPY_X] = (struct operand){"x", ROLE_IN, TYPE_F32, 1, s->n, s->n, 0};
    op[AXPY_DST] = (struct operand){"dst", ROLE_OUT, TYPE_F32, into, s->n, s->n, 0};
    return 3;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    float *dst = buf[s->flags & INTO ? AXPY_DST : AXPY_Y];
    axpy(set, threads, dst, s->scale, buf[AXPY_X], buf[AXPY_Y], s->n);
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
    const float *y = buf[AXPY_Y], *x = buf[AXPY_X];
    const int dst = s->flags & INTO ? AXPY_DST : AXPY_Y;
    for (size_t i = 0; i < s->n; i++) {
        const double product = (double)s->scale * (double)x[i]; /* exact in f64 */
        const double sum = product + (double)y[i];
        want[dst][i] = as_single(sum);
        /* Of the contract, plus what this sum in f64 rounds itself. */
        slack[dst][i] = (0x1p-24 + 0x1p-52) * fabs(sum) + 0x1p-150;
    }
}

static double flops(const struct shape *s)
{
    return 2.0 * (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 12.0 * (double)s->n;
}

const struct kernel_spec axpy_spec = {
    .name = "axpy",
    .flag_names = {"into"},
    .formula = "y = a x + y; into: dst = a x + y",
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
