#include <assert.h>
#include <math.h>

#include "../base/bound.h"
#include "../base/sums.h"
#include "../kernel.h"
#include "sparse_relu_fwd.h"

enum { RELU = SPARSE_RELU_FWD_FLAG_RELU, NOBIAS = SPARSE_RELU_FWD_FLAG_NOBIAS };

static const struct shape check_shapes[] = {
    {.m = 0, .n = 5, .k = 5, .nnz = 2},
    {.m = 5, .n = 0, .k = 5, .nnz = 2},
    {.m = 5, .n = 21, .k = 0, .nnz = 2},
    {.m = 5, .n = 21, .k = 7, .nnz = 0, .flags = RELU},
    {.m = 1, .n = 1, .k = 1, .nnz = 1},
    {.m = 3, .n = 39, .k = 21, .nnz = 3},
    {.m = 17, .n = 40, .k = 33, .nnz = 5, .pad = 3, .flags = RELU},
    {.m = 19, .n = 23, .k = 30, .nnz = 4, .flags = NOBIAS},
    {.m = 21, .n = 37, .k = 11, .nnz = 6, .pad = 1, .flags = RELU | NOBIAS},
    /* Tiles of eight, four, two and one vector, and a tail. */
    {.m = 16, .n = 30, .k = 30, .nnz = 4, .flags = RELU},
    {.m = 32, .n = 30, .k = 30, .nnz = 4},
    {.m = 64, .n = 50, .k = 40, .nnz = 4, .flags = RELU},
    {.m = 128, .n = 50, .k = 60, .nnz = 4},
    {.m = 255, .n = 40, .k = 50, .nnz = 5, .pad = 2, .flags = RELU},
    {.m = 300, .n = 70, .k = 90, .nnz = 9, .flags = RELU},
    /* Long rows; a matrix that is dense. */
    {.m = 33, .n = 12, .k = 500, .nnz = 300, .flags = RELU},
    {.m = 48, .n = 40, .k = 24, .nnz = 24, .flags = RELU},
    {.m = 64, .n = 64, .k = 64, .nnz = 8, .scale = 0.1f, .flags = RELU},
    {.m = 64, .n = 64, .k = 64, .nnz = 8, .scale = 10.0f, .flags = RELU},
};

/* Widths and weights a row of circuits, from passing a number on (1) to a sum of many; and one layer from few
 * weights to dense. */
#define BATCHES(width, weights)                                                                    \
    {.m = 64, .n = width, .k = width, .nnz = weights, .flags = RELU},                              \
    {                                                                                              \
        .m = 256, .n = width, .k = width, .nnz = weights, .flags = RELU                            \
    }
static const struct shape bench_shapes[] = {
    BATCHES(64, 4),
    BATCHES(450, 4),
    BATCHES(1922, 1),
    BATCHES(1922, 4),
    BATCHES(1922, 16),
    BATCHES(1922, 64),
    BATCHES(1922, 256),
    BATCHES(1922, 1922),
    {.m = 1, .n = 1922, .k = 1922, .nnz = 4, .flags = RELU},
    {.m = 16, .n = 1922, .k = 1922, .nnz = 4, .flags = RELU},
    BATCHES(16384, 4)};

static bool flag(const struct shape *s, unsigned bit)
{
    return s->flags & bit;
}

static size_t weights(const struct shape *s)
{
    return s->k ? s->n * s->nnz : 0;
}

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t m = s->m, n = s->n, nnz = weights(s), pad = s->pad;
    const float gain = shape_scale(s) * sqrtf(2.0f / (float)(s->nnz ? s->nnz : 1));
    op[SPARSE_RELU_FWD_DST] = (struct operand){"dst", ROLE_OUT, TYPE_F32, n, m, m + pad, 0};
    op[SPARSE_RELU_FWD_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, s->k, m, m + pad, 0};
    op[SPARSE_RELU_FWD_VALUE] =
        (struct operand){"value", ROLE_IN, TYPE_F32, nnz ? 1 : 0, nnz, nnz, gain};
    op[SPARSE_RELU_FWD_COL] =
        (struct operand){"col", ROLE_IN, TYPE_I32, nnz ? 1 : 0, nnz, nnz, (float)s->k};
    op[SPARSE_RELU_FWD_BIAS] =
        (struct operand){"bias", ROLE_IN, TYPE_F32, flag(s, NOBIAS) ? 0 : 1, n, n, 0};
    op[SPARSE_RELU_FWD_START] =
        (struct operand){"start", ROLE_PACKED, TYPE_I32, 1, n + 1, n + 1, 0};
    return 6;
}

/* Rows of 0 to twice the mean: the end of each but the last is moved on by up to the mean. */
static void prepare(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    int32_t *start = buf[SPARSE_RELU_FWD_START];
    const size_t mean = s->k ? s->nnz : 0;
    (void)set;
    for (size_t i = 0; i <= s->n; i++) {
        const uint32_t mixed = (uint32_t)i * 0x9e3779b9u;
        const size_t moved = i == 0 || i == s->n ? 0 : (mixed >> 16) % (mean + 1);
        start[i] = (int32_t)(i * mean + moved);
    }
}

static struct sparse_relu_fwd layer(const struct shape *s, void *const buf[])
{
    return (struct sparse_relu_fwd){.dst = buf[SPARSE_RELU_FWD_DST],
                                    .src = buf[SPARSE_RELU_FWD_SRC],
                                    .value = buf[SPARSE_RELU_FWD_VALUE],
                                    .bias = flag(s, NOBIAS) ? NULL : buf[SPARSE_RELU_FWD_BIAS],
                                    .start = buf[SPARSE_RELU_FWD_START],
                                    .col = buf[SPARSE_RELU_FWD_COL],
                                    .m = s->m,
                                    .n = s->n,
                                    .k = s->k,
                                    .ld_dst = s->m + s->pad,
                                    .ld_src = s->m + s->pad,
                                    .relu = flag(s, RELU)};
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    const struct sparse_relu_fwd a = layer(s, buf);
    sparse_relu_fwd(set, threads, &a);
}

/* One element in the contract's order: from where a single is infinite, so is the sum. */
static struct near element(const struct sparse_relu_fwd *a, size_t i, size_t j)
{
    const double over = 0x1.ffffffp127; /* half an ulp past FLT_MAX */
    const size_t steps = (size_t)(a->start[i + 1] - a->start[i]);
    double sum = a->bias ? (double)a->bias[i] : 0.0, mag = fabs(sum);
    for (int32_t p = a->start[i]; p < a->start[i + 1]; p++) {
        const double term = (double)a->value[p] * (double)a->src[(size_t)a->col[p] * a->ld_src + j];
        sum += term;
        if (fabs(sum) >= over) sum = copysign(INFINITY, sum);
        mag += fabs(term);
    }
    const double slack = bound_gamma(steps) * mag + (double)steps * 0x1p-149;
    if (a->relu && sum < 0.0) return (struct near){0.0, isinf(sum) ? 0.0 : slack};
    return (struct near){sum, slack};
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const struct sparse_relu_fwd a = layer(s, buf);
    assert(sparse_relu_fwd_valid(&a) == STATUS_OK);
    for (size_t e = 0; e < s->n * s->m; e++) {
        const struct near one = element(&a, e / s->m, e % s->m);
        want[SPARSE_RELU_FWD_DST][e] = one.x;
        slack[SPARSE_RELU_FWD_DST][e] = one.e;
    }
}

static double flops(const struct shape *s)
{
    return 2.0 * (double)s->m * (double)weights(s);
}
static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n, k = (double)s->k;
    return 4.0 * (k * m + 2.0 * (double)weights(s) + (flag(s, NOBIAS) ? 1.0 : 2.0) * n + n * m);
}

const struct kernel_spec sparse_relu_fwd_spec = {
    .name = "sparse_relu_fwd",
    .flag_names = {"relu", "nobias"},
    .formula = "dst = act(W src + bias), W in rows of its non-zeros, an input a column",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILLS_ALL,
    .same_words = true,
    .operands = operands,
    .prepare = prepare,
    .call = call,
    .oracle = oracle,
    .flops = flops,
    .bytes = bytes,
};
