#include <assert.h>
#include <math.h>

#include "../base/bound.h"
#include "../kernel.h"
#include "embed_bwd.h"

/* Even vocabularies: tails of k would take away the last row. */
static const struct shape check_shapes[] = {
    {.m = 0, .n = 5, .k = 2},     {.m = 3, .n = 0, .k = 2},  {.m = 1, .n = 1, .k = 2},
    {.m = 7, .n = 17, .k = 4},    {.m = 9, .n = 64, .k = 2}, {.m = 33, .n = 31, .k = 100},
    {.m = 300, .n = 200, .k = 50}};
static const struct shape bench_shapes[] = {{.m = 64, .n = 128, .k = 256},
                                            {.m = 256, .n = 768, .k = 8192},
                                            {.m = 1024, .n = 768, .k = 8192},
                                            {.m = 4096, .n = 768, .k = 8192}};

static size_t period(const struct shape *s)
{
    return s->m < 2 ? 1 : (s->m + 1) / 2;
}

/* A token needs a row of the table. */
static bool legal(const struct shape *s)
{
    return s->m == 0 || s->k > 0;
}

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t m = s->m, n = s->n, k = s->k;
    op[EMBED_BWD_DWTE] = (struct operand){"dwte", ROLE_INOUT, TYPE_F32, k, n, n, 0};
    op[EMBED_BWD_DWPE] = (struct operand){"dwpe", ROLE_INOUT, TYPE_F32, period(s), n, n, 0};
    op[EMBED_BWD_DDST] = (struct operand){"ddst", ROLE_IN, TYPE_F32, m, n, n, 0};
    op[EMBED_BWD_TOKEN] = (struct operand){"token", ROLE_IN, TYPE_I32, 1, m, m, (float)k};
    return 4;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    const enum status status = embed_bwd(set, threads,
                                         &(struct embed_bwd){.dwte = buf[EMBED_BWD_DWTE],
                                                             .dwpe = buf[EMBED_BWD_DWPE],
                                                             .ddst = buf[EMBED_BWD_DDST],
                                                             .token = buf[EMBED_BWD_TOKEN],
                                                             .m = s->m,
                                                             .n = s->n,
                                                             .vocab = s->k,
                                                             .period = period(s)});
    assert(status == STATUS_OK);
    (void)status;
}

/* The row of a table that row i of ddst is added to. */
static size_t row_of(const struct shape *s, const int32_t *token, int table, size_t i)
{
    return table == EMBED_BWD_DWTE ? (size_t)token[i] : i % period(s);
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const size_t n = s->n;
    for (int table = EMBED_BWD_DWTE; table <= EMBED_BWD_DWPE; table++) {
        const float *old = buf[table];
        const size_t rows = table == EMBED_BWD_DWTE ? s->k : period(s);
        double *sum = want[table], *size = slack[table];
        for (size_t e = 0; e < rows * n; e++) {
            sum[e] = (double)old[e];
            size[e] = isinf(old[e]) ? 0.0 : fabs(sum[e]);
        }
        for (size_t i = 0; i < s->m; i++) {
            const float *ddst = (const float *)buf[EMBED_BWD_DDST] + i * n;
            const size_t to = row_of(s, buf[EMBED_BWD_TOKEN], table, i) * n;
            for (size_t j = 0; j < n; j++) {
                sum[to + j] += (double)ddst[j];
                size[to + j] += isinf(ddst[j]) ? 0.0 : fabs((double)ddst[j]);
            }
        }
        for (size_t r = 0; r < rows; r++) {
            size_t taken = 0;
            for (size_t i = 0; i < s->m; i++)
                taken += row_of(s, buf[EMBED_BWD_TOKEN], table, i) == r;
            for (size_t e = r * n; e < (r + 1) * n; e++) {
                const bool free = !isnan(sum[e]) && taken && bound_overflows(size[e], taken);
                if (free) sum[e] = 0.0;
                size[e] = free ? INFINITY : isnan(sum[e]) ? 0.0 : bound_gamma(taken) * size[e];
            }
        }
    }
}

/* embed_fwd; the tables, which no gradient depends on, are where their gradients will be. */
static uint64_t forward(const struct shape *s, const double *const x[], double *dst)
{
    for (size_t i = 0; i < s->m; i++) {
        const size_t token = (size_t)x[EMBED_BWD_TOKEN][i];
        for (size_t j = 0; j < s->n; j++)
            dst[i * s->n + j] =
                x[EMBED_BWD_DWTE][token * s->n + j] + x[EMBED_BWD_DWPE][i % period(s) * s->n + j];
    }
    return 0;
}

static const struct grad_pair pairs[] = {{EMBED_BWD_DWTE, EMBED_BWD_DWTE},
                                         {EMBED_BWD_DWPE, EMBED_BWD_DWPE}};
static const struct grad grad = {.ddst = EMBED_BWD_DDST,
                                 .pairs = pairs,
                                 .count = sizeof pairs / sizeof *pairs,
                                 .forward = forward};

static double flops(const struct shape *s)
{
    return 2.0 * (double)s->m * (double)s->n;
}
static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n;
    return 4.0 * (3.0 * m * n + 2.0 * (double)period(s) * n + m);
}

const struct kernel_spec embed_bwd_spec = {
    .name = "embed_bwd",
    .formula = "rows `token` of dwte += ddst, rows `position` of dwpe += ddst",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .legal = legal,
    .fills = FILLS_ALL,
    .same_words = true,
    .operands = operands,
    .call = call,
    .oracle = oracle,
    .grad = &grad,
    .flops = flops,
    .bytes = bytes,
};
