#include <stdlib.h>

#include "../base/perturbed_chain.h"
#include "../chain_case.h"
#include "../kernel.h"
#include "chain_fwd.h"

static const struct shape check_shapes[] = {CHAIN_CHECK_SHAPES};
static const struct shape bench_shapes[] = {
    {.m = 1, .n = 1024, .k = 1024, .depth = 64},
    {.m = 32, .n = 1024, .k = 1024, .depth = 64},
    {.m = 32, .n = 256, .k = 256, .depth = 64},
    {.m = 32, .n = 1024, .k = 1024, .depth = 64, .flags = CHAIN_FLAG_SKIP}};

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t before = s->depth ? s->depth - 1 : 0;
    op[CHAIN_FWD_ACTS] = chain_case_layers(s, "acts", ROLE_OUT, s->depth);
    op[CHAIN_FWD_FEATS] =
        chain_case_layers(s, "feats", ROLE_OUT, chain_case_keeps_features(s) ? before : 0);
    op[CHAIN_FWD_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, s->m, s->k, s->k, 0};
    op[CHAIN_FWD_W] = chain_case_w(s);
    op[CHAIN_FWD_BIAS] = chain_case_bias(s);
    op[CHAIN_FWD_PACKED] = chain_case_packed(s, false);
    return 6;
}

static void adjust(const struct shape *s, void *const buf[])
{
    chain_case_adjust(s, buf[CHAIN_FWD_W]);
}
static void prepare(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    chain_case_prepare(set, s, buf[CHAIN_FWD_PACKED], NULL, buf[CHAIN_FWD_W]);
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    struct chain_case *y = chain_case(s, buf[CHAIN_FWD_PACKED], NULL, buf[CHAIN_FWD_BIAS]);
    chain_fwd(set, threads,
              &(struct chain_fwd){&y->chain, buf[CHAIN_FWD_ACTS], buf[CHAIN_FWD_FEATS],
                                  buf[CHAIN_FWD_SRC]});
    free(y);
}

static double flops(const struct shape *s)
{
    return 2.0 * (double)s->m * chain_case_weights(s);
}
static double bytes(const struct shape *s)
{
    const double acts = (double)s->m * (double)s->n * (double)s->depth;
    return 4.0 * (chain_case_weights(s) + (double)s->m * (double)s->k +
                  acts * (chain_case_keeps_features(s) ? 2.0 : 1.0));
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const int runs = perturbed_runs(flops(s));
    const size_t layer = s->m * s->n, all = s->depth * layer, inputs = s->m * s->k;
    const size_t feats_kept = chain_case_keeps_features(s) ? all - layer : 0;
    const float *src = buf[CHAIN_FWD_SRC];
    struct chain_case *y = chain_case(s, NULL, NULL, buf[CHAIN_FWD_BIAS]);
    const struct perturbed_chain model = {&y->chain, buf[CHAIN_FWD_W], buf[CHAIN_FWD_BIAS]};
    double *acts = perturbed_doubles(2 * all + inputs), *feats = acts + all, *x = feats + all;
    for (uint64_t run = 0; run <= (uint64_t)runs; run++) {
        for (size_t i = 0; i < inputs; i++) x[i] = (double)src[i];
        perturbed_chain_fwd(&(struct perturbed){.seed = run}, &model, acts, feats, x);
        perturbed_see(want[CHAIN_FWD_ACTS], slack[CHAIN_FWD_ACTS], acts, all, run);
        perturbed_see(want[CHAIN_FWD_FEATS], slack[CHAIN_FWD_FEATS], feats, feats_kept, run);
    }
    for (size_t at = 0; at < all; at += layer)
        perturbed_slack(want[CHAIN_FWD_ACTS] + at, slack[CHAIN_FWD_ACTS] + at, layer, runs);
    for (size_t at = 0; at < feats_kept; at += layer)
        perturbed_slack(want[CHAIN_FWD_FEATS] + at, slack[CHAIN_FWD_FEATS] + at, layer, runs);
    free(acts);
    free(y);
}

const struct kernel_spec chain_fwd_spec = {
    .name = "chain_fwd",
    .flag_names = {CHAIN_FLAG_NAMES},
    .formula = "f_l = skip f_{l-over} + relu(f_{l-1}) w_l, l = 1 .. depth",
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
