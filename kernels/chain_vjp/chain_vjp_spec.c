#include <stdlib.h>

#include "../base/perturbed_chain.h"
#include "../chain_case.h"
#include "../kernel.h"
#include "chain_vjp.h"

enum { NODSRC = CHAIN_VJP_FLAG_NODSRC };
_Static_assert((int)NODSRC == (int)CHAIN_FLAG_OWN, "behind the flags that chains share");

static const struct shape check_shapes[] = {
    CHAIN_CHECK_SHAPES,
    {.m = 7, .n = 20, .k = 11, .depth = 3, .flags = NODSRC},
    {.m = 2, .n = 20, .k = 11, .depth = 5, .flags = NODSRC | CHAIN_FLAG_SKIP}};
static const struct shape bench_shapes[] = {
    {.m = 1, .n = 1024, .k = 1024, .depth = 64},   {.m = 8, .n = 1024, .k = 1024, .depth = 64},
    {.m = 32, .n = 1024, .k = 1024, .depth = 64},  {.m = 128, .n = 1024, .k = 1024, .depth = 64},
    {.m = 512, .n = 1024, .k = 1024, .depth = 16}, {.m = 32, .n = 256, .k = 256, .depth = 64}};

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t inputs = s->depth && !(s->flags & NODSRC) ? s->m : 0;
    op[CHAIN_VJP_BACK] = chain_case_layers(s, "back", ROLE_OUT, s->depth);
    op[CHAIN_VJP_DSRC] = (struct operand){"dsrc", ROLE_OUT, TYPE_F32, inputs, s->k, s->k, 0};
    op[CHAIN_VJP_DDST] = chain_case_layers(s, "ddst", ROLE_IN, s->depth ? 1 : 0);
    op[CHAIN_VJP_ACTS] = chain_case_layers(s, "acts", ROLE_IN, s->depth);
    op[CHAIN_VJP_W] = chain_case_w(s);
    op[CHAIN_VJP_PACKED] = chain_case_packed(s, true);
    return 6;
}

static void adjust(const struct shape *s, void *const buf[])
{
    chain_case_adjust(s, buf[CHAIN_VJP_W]);
}
static void prepare(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    chain_case_prepare(set, s, NULL, buf[CHAIN_VJP_PACKED], buf[CHAIN_VJP_W]);
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    struct chain_case *y = chain_case(s, NULL, buf[CHAIN_VJP_PACKED], NULL);
    chain_vjp(set, threads,
              &(struct chain_vjp){&y->chain, buf[CHAIN_VJP_BACK],
                                  s->flags & NODSRC ? NULL : buf[CHAIN_VJP_DSRC],
                                  buf[CHAIN_VJP_DDST], buf[CHAIN_VJP_ACTS]});
    free(y);
}

static double weights_of(const struct shape *s)
{
    return s->flags & NODSRC ? chain_case_inner_weights(s) : chain_case_weights(s);
}
static double flops(const struct shape *s)
{
    return 2.0 * (double)s->m * weights_of(s);
}
static double bytes(const struct shape *s)
{
    const double layers = (double)s->m * (double)s->n * (double)s->depth;
    const double inputs = s->flags & NODSRC ? 0.0 : (double)s->m * (double)s->k;
    return 4.0 * (weights_of(s) + inputs + layers * (s->flags & CHAIN_FLAG_LINEAR ? 1.0 : 2.0));
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const int runs = perturbed_runs(flops(s));
    const size_t layer = s->m * s->n, all = s->depth * layer;
    const size_t inputs = s->depth && !(s->flags & NODSRC) ? s->m * s->k : 0;
    const float *ddst = buf[CHAIN_VJP_DDST];
    struct chain_case *y = chain_case(s, NULL, NULL, NULL);
    const struct perturbed_chain model = {&y->chain, buf[CHAIN_VJP_W], NULL};
    double *back = perturbed_doubles(all + layer + inputs), *last = back + all, *x = last + layer;
    for (size_t i = 0; i < layer && s->depth; i++) last[i] = (double)ddst[i];
    for (uint64_t run = 0; run <= (uint64_t)runs; run++) {
        perturbed_chain_vjp(&(struct perturbed){.seed = run}, &model, back, inputs ? x : NULL, last,
                            buf[CHAIN_VJP_ACTS]);
        perturbed_see(want[CHAIN_VJP_BACK], slack[CHAIN_VJP_BACK], back, all, run);
        perturbed_see(want[CHAIN_VJP_DSRC], slack[CHAIN_VJP_DSRC], x, inputs, run);
    }
    for (size_t at = 0; at < all; at += layer)
        perturbed_slack(want[CHAIN_VJP_BACK] + at, slack[CHAIN_VJP_BACK] + at, layer, runs);
    perturbed_slack(want[CHAIN_VJP_DSRC], slack[CHAIN_VJP_DSRC], inputs, runs);
    free(back);
    free(y);
}

const struct kernel_spec chain_vjp_spec = {
    .name = "chain_vjp",
    .flag_names = {CHAIN_FLAG_NAMES, "nodsrc"},
    .formula = "b_l = mask (b_{l+1} w_{l+1}') + skip b_{l+over}, l = depth-1 .. 0",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILL_BIT(FILL_UNIT),
    .same_words = true,
    .operands = operands,
    .adjust = adjust,
    .prepare = prepare,
    .call = call,
    .oracle = oracle,
    .flops = flops,
    .bytes = bytes,
};
