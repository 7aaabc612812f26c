#include <stdlib.h>

#include "../base/sums.h"
#include "../kernel.h"
#include "base/status.h"
#include "dense_bwd_weights.h"

enum {
    MASK = DENSE_BWD_WEIGHTS_FLAG_MASK,
    ACCUMULATE = DENSE_BWD_WEIGHTS_FLAG_ACCUMULATE,
    NOBIAS = DENSE_BWD_WEIGHTS_FLAG_NOBIAS
};

/* k up to twice the tallest register tile and one more. */
#define EACH_K(X, flags)                                                                           \
    X(1, flags), X(2, flags), X(3, flags), X(4, flags), X(5, flags), X(6, flags), X(7, flags),     \
        X(8, flags), X(9, flags), X(10, flags), X(11, flags), X(12, flags), X(13, flags),          \
        X(14, flags), X(15, flags), X(17, flags), X(20, flags), X(27, flags), X(28, flags),        \
        X(29, flags)
/* Two panels and a tail. */
#define TILES(rows, bits)                                                                          \
    {                                                                                              \
        .m = 5, .n = 39, .k = rows, .flags = bits                                                  \
    }
/* Five panels: one widest tile and the rest; rows with gaps. */
#define WIDE(rows, bits)                                                                           \
    {                                                                                              \
        .m = 9, .n = 77, .k = rows, .pad = 3, .flags = bits                                        \
    }

static const struct shape check_shapes[] = {
    {.m = 0, .n = 21, .k = 19},
    {.m = 0, .n = 21, .k = 19, .flags = ACCUMULATE},
    {.m = 5, .n = 0, .k = 5},
    {.m = 5, .n = 21, .k = 0, .flags = MASK},
    {.m = 1, .n = 1, .k = 1},
    {.m = 1, .n = 16, .k = 8, .flags = MASK},
    {.m = 1, .n = 37, .k = 29, .pad = 1},
    {.m = 1, .n = 37, .k = 29, .flags = MASK | ACCUMULATE},
    {.m = 1, .n = 4117, .k = 3, .flags = MASK},
    {.m = 1, .n = 4200, .k = 2, .pad = 1, .flags = ACCUMULATE},
    {.m = 2, .n = 33, .k = 65, .flags = MASK | NOBIAS},
    EACH_K(TILES, 0),
    EACH_K(TILES, MASK | ACCUMULATE),
    EACH_K(WIDE, MASK | NOBIAS),
    EACH_K(WIDE, ACCUMULATE),
    /* Blocks over the batch and over columns, with rows a power of two apart and not. */
    {.m = 513, .n = 40, .k = 20, .flags = MASK},
    {.m = 600, .n = 161, .k = 16, .pad = 5, .flags = MASK | ACCUMULATE},
    {.m = 300, .n = 256, .k = 128, .flags = MASK},
    {.m = 16, .n = 2100, .k = 15},
    {.m = 300, .n = 450, .k = 16, .flags = MASK},
    {.m = 64, .n = 64, .k = 64, .flags = MASK},
};

#define BATCHES(width)                                                                             \
    {.m = 1, .n = width, .k = width, .flags = MASK},                                               \
        {.m = 8, .n = width, .k = width, .flags = MASK},                                           \
        {.m = 32, .n = width, .k = width, .flags = MASK},                                          \
        {.m = 128, .n = width, .k = width, .flags = MASK},                                         \
    {                                                                                              \
        .m = 512, .n = width, .k = width, .flags = MASK                                            \
    }
static const struct shape bench_shapes[] = {BATCHES(64),  BATCHES(128),  BATCHES(256),
                                            BATCHES(512), BATCHES(1024), BATCHES(2048),
                                            BATCHES(4096)};

static bool flag(const struct shape *s, unsigned bit)
{
    return s->flags & bit;
}

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t m = s->m, n = s->n, k = s->k, pad = s->pad;
    const enum role role = flag(s, ACCUMULATE) ? ROLE_INOUT : ROLE_OUT;
    op[DENSE_BWD_WEIGHTS_DW] = (struct operand){"dw", role, TYPE_F32, k, n, n + pad, 0};
    op[DENSE_BWD_WEIGHTS_DB] =
        (struct operand){"db", role, TYPE_F32, flag(s, NOBIAS) ? 0 : 1, n, n, 0};
    op[DENSE_BWD_WEIGHTS_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, m, k, k + pad, 0};
    op[DENSE_BWD_WEIGHTS_DDST] = (struct operand){"ddst", ROLE_IN, TYPE_F32, m, n, n + pad, 0};
    op[DENSE_BWD_WEIGHTS_ACT] =
        (struct operand){"act", ROLE_IN, TYPE_F32, flag(s, MASK) ? m : 0, n, n + pad, 0};
    return 5;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    const struct dense_bwd_weights a = {.dw = buf[DENSE_BWD_WEIGHTS_DW],
                                        .db = flag(s, NOBIAS) ? NULL : buf[DENSE_BWD_WEIGHTS_DB],
                                        .src = buf[DENSE_BWD_WEIGHTS_SRC],
                                        .ddst = buf[DENSE_BWD_WEIGHTS_DDST],
                                        .act = flag(s, MASK) ? buf[DENSE_BWD_WEIGHTS_ACT] : NULL,
                                        .m = s->m,
                                        .n = s->n,
                                        .k = s->k,
                                        .ld_dw = s->n + s->pad,
                                        .ld_src = s->k + s->pad,
                                        .ld_ddst = s->n + s->pad,
                                        .ld_act = s->n + s->pad,
                                        .accumulate = flag(s, ACCUMULATE)};
    dense_bwd_weights(set, threads, &a);
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    enum { DW = DENSE_BWD_WEIGHTS_DW, DB = DENSE_BWD_WEIGHTS_DB };
    static const float one = 1.0f;
    const float *ddst = buf[DENSE_BWD_WEIGHTS_DDST], *act = buf[DENSE_BWD_WEIGHTS_ACT];
    const size_t m = s->m, n = s->n, k = s->k, ld = n + s->pad;
    float *z = malloc((m * n + 1) * sizeof *z);
    if (!z) out_of_memory();
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            z[i * n + j] = flag(s, MASK) && act[i * ld + j] <= 0.0f ? 0.0f : ddst[i * ld + j];
    struct sums dw = {
        .m = k,
        .n = n,
        .k = m,
        .a = {.exact = buf[DENSE_BWD_WEIGHTS_SRC], .at = {.row = 1, .col = k + s->pad}},
        .b = {.exact = z, .at = {.row = n, .col = 1}},
        .start = flag(s, ACCUMULATE) ? buf[DW] : NULL,
        .start_at = {.row = ld, .col = 1},
        .x = want[DW],
        .e = slack[DW],
        .at = {.row = n, .col = 1}};
    struct sums db = dw;
    db.m = 1;
    db.a = (struct factor){.exact = &one};
    db.start = flag(s, ACCUMULATE) ? buf[DB] : NULL;
    db.x = want[DB];
    db.e = slack[DB];
    sums(&dw);
    if (!flag(s, NOBIAS)) sums(&db);
    free(z);
}

/* dst = src w + b, with a mask 0 where the given output of a ReLU is. w and b, which no gradient depends on, are
 * where their gradients will be. */
static uint64_t forward(const struct shape *s, const double *const x[], double *dst)
{
    const double *src = x[DENSE_BWD_WEIGHTS_SRC], *act = x[DENSE_BWD_WEIGHTS_ACT];
    const double *w = x[DENSE_BWD_WEIGHTS_DW], *b = x[DENSE_BWD_WEIGHTS_DB];
    for (size_t i = 0; i < s->m; i++)
        for (size_t j = 0; j < s->n; j++) {
            double sum = flag(s, NOBIAS) ? 0.0 : b[j];
            for (size_t p = 0; p < s->k; p++) sum += src[i * s->k + p] * w[p * s->n + j];
            dst[i * s->n + j] = flag(s, MASK) && act[i * s->n + j] <= 0.0 ? 0.0 : sum;
        }
    return 0;
}

static const struct grad_pair pairs[] = {{DENSE_BWD_WEIGHTS_DW, DENSE_BWD_WEIGHTS_DW},
                                         {DENSE_BWD_WEIGHTS_DB, DENSE_BWD_WEIGHTS_DB}};
static const struct grad grad = {.ddst = DENSE_BWD_WEIGHTS_DDST,
                                 .pairs = pairs,
                                 .count = sizeof pairs / sizeof *pairs,
                                 .forward = forward};

static double flops(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n, k = (double)s->k;
    return 2.0 * m * n * k + (flag(s, NOBIAS) ? 0.0 : m * n);
}
static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n, k = (double)s->k;
    const double written = k * n + (flag(s, NOBIAS) ? 0.0 : n);
    return 4.0 * (m * n + m * k + (flag(s, MASK) ? m * n : 0.0) +
                  written * (flag(s, ACCUMULATE) ? 2.0 : 1.0));
}

const struct kernel_spec dense_bwd_weights_spec = {
    .name = "dense_bwd_weights",
    .flag_names = {"mask", "accumulate", "nobias"},
    .formula = "dw (+)= src' dz, db (+)= column sums of dz, dz = ddst where act > 0",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILLS_ALL,
    .same_words = true,
    .operands = operands,
    .call = call,
    .oracle = oracle,
    .grad = &grad,
    .flops = flops,
    .bytes = bytes,
};
