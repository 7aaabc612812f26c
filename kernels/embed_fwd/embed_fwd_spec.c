#include <assert.h>
#include <math.h>

#include "../kernel.h"
#include "embed_fwd.h"

/* Even vocabularies: tails of k would take away the last row. */
static const struct shape check_shapes[] = {
    {.m = 0, .n = 5, .k = 2},    {.m = 3, .n = 0, .k = 2},  {.m = 1, .n = 1, .k = 2},
    {.m = 7, .n = 17, .k = 4},   {.m = 9, .n = 64, .k = 2}, {.m = 33, .n = 31, .k = 1000},
    {.m = 64, .n = 100, .k = 50}};
static const struct shape bench_shapes[] = {{.m = 64, .n = 128, .k = 256},
                                            {.m = 256, .n = 768, .k = 50258},
                                            {.m = 1024, .n = 768, .k = 50258},
                                            {.m = 4096, .n = 768, .k = 50258}};

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
    op[EMBED_FWD_DST] = (struct operand){"dst", ROLE_OUT, TYPE_F32, m, n, n, 0};
    op[EMBED_FWD_TOKEN] = (struct operand){"token", ROLE_IN, TYPE_I32, 1, m, m, (float)k};
    op[EMBED_FWD_WTE] = (struct operand){"wte", ROLE_IN, TYPE_F32, k, n, n, 0};
    op[EMBED_FWD_WPE] = (struct operand){"wpe", ROLE_IN, TYPE_F32, period(s), n, n, 0};
    return 4;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    const enum status status = embed_fwd(set, threads,
                                         &(struct embed_fwd){.dst = buf[EMBED_FWD_DST],
                                                             .token = buf[EMBED_FWD_TOKEN],
                                                             .wte = buf[EMBED_FWD_WTE],
                                                             .wpe = buf[EMBED_FWD_WPE],
                                                             .m = s->m,
                                                             .n = s->n,
                                                             .vocab = s->k,
                                                             .period = period(s)});
    assert(status == STATUS_OK);
    (void)status;
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const int32_t *token = buf[EMBED_FWD_TOKEN];
    const float *wte = buf[EMBED_FWD_WTE], *wpe = buf[EMBED_FWD_WPE];
    for (size_t i = 0; i < s->m; i++)
        for (size_t j = 0; j < s->n; j++) {
            const double x =
                (double)wte[(size_t)token[i] * s->n + j] + (double)wpe[i % period(s) * s->n + j];
            want[EMBED_FWD_DST][i * s->n + j] = x;
            /* Of the contract, and what f64 rounds: two f32 need not add up exactly there. */
            slack[EMBED_FWD_DST][i * s->n + j] = isnan(x) ? 0.0 : (0x1p-24 + 0x1p-52) * fabs(x);
        }
}

static double flops(const struct shape *s)
{
    return (double)s->m * (double)s->n;
}
static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n;
    return 4.0 * (2.0 * m * n + (double)period(s) * n + m);
}

const struct kernel_spec embed_fwd_spec = {
    .name = "embed_fwd",
    .formula = "dst = rows `token` of wte + rows `position` of wpe",
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
    .flops = flops,
    .bytes = bytes,
};
