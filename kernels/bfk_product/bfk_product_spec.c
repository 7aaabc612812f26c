#include <stdlib.h>

#include "../base/perturbed_bfk.h"
#include "../chain_case.h"
#include "../kernel.h"
#include "bfk_product.h"

static const struct shape check_shapes[] = {
    CHAIN_CHECK_SHAPES,
    {.m = 3, .n = 11, .k = 4, .depth = 1},
    /* Scales grow from it: a depth at which none overflows. */
    {.m = 2,
     .n = 5,
     .k = 3,
     .depth = 4,
     .flags = CHAIN_FLAG_SKIP | CHAIN_FLAG_TWO | CHAIN_FLAG_BIAS}};
static const struct shape bench_shapes[] = {{.m = 1, .n = 1024, .k = 1024, .depth = 16},
                                            {.m = 32, .n = 1024, .k = 1024, .depth = 16},
                                            {.m = 1, .n = 256, .k = 256, .depth = 64}};

static const struct alias aliases[] = {{BFK_PRODUCT_DST, BFK_PRODUCT_V}};

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t scratch = chain_case_floats(s, bfk_product_scratch);
    op[BFK_PRODUCT_DST] = chain_case_layers(s, "dst", ROLE_OUT, s->depth ? 1 : 0);
    op[BFK_PRODUCT_V] = chain_case_layers(s, "v", ROLE_IN, s->depth ? 1 : 0);
    op[BFK_PRODUCT_ACTS] = chain_case_layers(s, "acts", ROLE_IN, s->depth);
    op[BFK_PRODUCT_GRAM] = chain_case_gram(s);
    op[BFK_PRODUCT_W] = chain_case_w(s);
    op[BFK_PRODUCT_PACKED] = chain_case_packed(s, false);
    op[BFK_PRODUCT_PACKED_T] = chain_case_packed(s, true);
    op[BFK_PRODUCT_SCRATCH] =
        (struct operand){"scratch", ROLE_SCRATCH, TYPE_F32, 1, scratch, scratch, 0};
    return 8;
}

static void adjust(const struct shape *s, void *const buf[])
{
    chain_case_adjust(s, buf[BFK_PRODUCT_W]);
    chain_case_adjust_gram(s, buf[BFK_PRODUCT_GRAM]);
}
static void prepare(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    chain_case_prepare(set, s, buf[BFK_PRODUCT_PACKED], buf[BFK_PRODUCT_PACKED_T],
                       buf[BFK_PRODUCT_W]);
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    struct chain_case *y = chain_case(s, buf[BFK_PRODUCT_PACKED], buf[BFK_PRODUCT_PACKED_T], NULL);
    bfk_product(set, threads,
                &(struct bfk_product){&y->chain, buf[BFK_PRODUCT_DST], buf[BFK_PRODUCT_V],
                                      buf[BFK_PRODUCT_ACTS], buf[BFK_PRODUCT_GRAM],
                                      buf[BFK_PRODUCT_SCRATCH]});
    free(y);
}

static double flops(const struct shape *s)
{
    return chain_case_bfk_flops(s);
}
static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n, depth = (double)s->depth;
    return 4.0 * (2.0 * chain_case_inner_weights(s) + 2.0 * depth * m * n + depth * m * m);
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const float *v = buf[BFK_PRODUCT_V];
    struct chain_case *y = chain_case(s, NULL, NULL, NULL);
    const struct perturbed_chain model = {&y->chain, buf[BFK_PRODUCT_W], NULL};
    struct perturbed_bfk b;
    perturbed_bfk_open(&b, &model, buf[BFK_PRODUCT_ACTS], buf[BFK_PRODUCT_GRAM]);
    double *x = perturbed_doubles(b.dim);
    for (size_t i = 0; i < b.dim; i++) x[i] = (double)v[i];
    perturbed_bfk_want(&b, want[BFK_PRODUCT_DST], slack[BFK_PRODUCT_DST], x,
                       perturbed_runs(flops(s)));
    free(x);
    perturbed_bfk_close(&b);
    free(y);
}

const struct kernel_spec bfk_product_spec = {
    .name = "bfk_product",
    .flag_names = {CHAIN_FLAG_NAMES},
    .formula = "dst = K v, K = sum of rate_j (df/dw_j) (df/dw_j)', never formed",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILL_BIT(FILL_UNIT),
    .same_words = true,
    .aliases = aliases,
    .alias_count = sizeof aliases / sizeof *aliases,
    .operands = operands,
    .adjust = adjust,
    .prepare = prepare,
    .call = call,
    .oracle = oracle,
    .flops = flops,
    .bytes = bytes,
};
