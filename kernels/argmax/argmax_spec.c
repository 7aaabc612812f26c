#include <math.h>

#include "../kernel.h"
#include "argmax.h"

static const struct shape check_shapes[] = {
    {.m = 0, .n = 5},
    {.m = 3, .n = 0},
    {.m = 1, .n = 1},
    {.m = 2, .n = 17},
    {.m = 5, .n = 31},
    {.m = 9, .n = 33, .pad = 3},
    {.m = 70, .n = 10},
    {.m = 7, .n = 131, .pad = 1},
    {.m = 2, .n = 50257, .pad = 47},
    /* Rows that begin with NaN, and rows of nothing else. */
    {.m = 300, .n = 5},
    {.m = 31, .n = 1}};
static const struct shape bench_shapes[] = {
    {.m = 1000, .n = 10}, {.m = 1000, .n = 100}, {.m = 1024, .n = 1000}};

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t m = s->m, n = s->n;
    op[ARGMAX_DST] = (struct operand){"dst", ROLE_OUT, TYPE_I32, 1, m, m, 0};
    op[ARGMAX_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, m, n, n + s->pad, 0};
    return 2;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    argmax(set, threads,
           &(struct argmax){buf[ARGMAX_DST], buf[ARGMAX_SRC], s->m, s->n, s->n + s->pad});
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    for (size_t i = 0; i < s->m; i++) {
        const float *x = (const float *)buf[ARGMAX_SRC] + i * (s->n + s->pad);
        double best = NAN;
        want[ARGMAX_DST][i] = -1.0;
        slack[ARGMAX_DST][i] = 0.0;
        for (size_t j = 0; j < s->n; j++) {
            if (isnan(x[j]) || (double)x[j] <= best) continue;
            best = (double)x[j];
            want[ARGMAX_DST][i] = (double)j;
        }
    }
}

static double flops(const struct shape *s)
{
    return 2.0 * (double)s->m * (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 4.0 * (double)s->m * ((double)s->n + 1.0);
}

const struct kernel_spec argmax_spec = {
    .name = "argmax",
    .formula = "dst = column of the greatest element, by rows",
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
