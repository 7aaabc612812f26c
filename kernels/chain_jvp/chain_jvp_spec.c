#include <math.h>
#include <stdlib.h>

#include "../base/perturbed_chain.h"
#include "../chain_case.h"
#include "../kernel.h"
#include "chain_jvp.h"

static const struct shape check_shapes[] = {CHAIN_CHECK_SHAPES};
static const struct shape bench_shapes[] = {{.m = 1, .n = 1024, .k = 1024, .depth = 64},
                                            {.m = 32, .n = 1024, .k = 1024, .depth = 64},
                                            {.m = 32, .n = 256, .k = 256, .depth = 64},
                                            {.m = 512, .n = 1024, .k = 1024, .depth = 16}};

static size_t operands(const struct shape *s, struct operand op[])
{
    struct chain_case *y = chain_case(s, NULL, NULL, NULL);
    const size_t m = s->m, scratch = chain_jvp_scratch(&y->chain);
    free(y);
    op[CHAIN_JVP_DST] = chain_case_layers(s, "dst", ROLE_OUT, s->depth ? 1 : 0);
    op[CHAIN_JVP_TABLE] = (struct operand){"table",          ROLE_OUT,         TYPE_F64, s->depth,
                                           CHAIN_JVP_FIELDS, CHAIN_JVP_FIELDS, 0};
    op[CHAIN_JVP_ACTS] = chain_case_layers(s, "acts", ROLE_IN, s->depth);
    op[CHAIN_JVP_BACK] = chain_case_layers(s, "back", ROLE_IN, s->depth);
    op[CHAIN_JVP_GRAM] = (struct operand){"gram", ROLE_IN, TYPE_F32, s->depth * m, m, m, 0};
    op[CHAIN_JVP_W] = chain_case_w(s);
    op[CHAIN_JVP_PACKED] = chain_case_packed(s, false);
    op[CHAIN_JVP_SCRATCH] =
        (struct operand){"scratch", ROLE_SCRATCH, TYPE_F32, 1, scratch, scratch, 0};
    return 8;
}

/* Gram matrices are symmetric, their diagonals as large as a row has elements. */
static void adjust(const struct shape *s, void *const buf[])
{
    const size_t m = s->m;
    chain_case_adjust(s, buf[CHAIN_JVP_W]);
    for (size_t l = 0; l < s->depth; l++) {
        float *gram = (float *)buf[CHAIN_JVP_GRAM] + l * m * m;
        for (size_t i = 0; i < m; i++) {
            gram[i * m + i] = (float)(s->n + 1) * (1.0f + 0.1f * gram[i * m + i]);
            for (size_t j = 0; j < i; j++) gram[j * m + i] = gram[i * m + j];
        }
    }
}
static void prepare(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    chain_case_prepare(set, s, buf[CHAIN_JVP_PACKED], NULL, buf[CHAIN_JVP_W]);
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    struct chain_case *y = chain_case(s, buf[CHAIN_JVP_PACKED], NULL, NULL);
    chain_jvp(set, threads,
              &(struct chain_jvp){&y->chain, buf[CHAIN_JVP_DST], buf[CHAIN_JVP_TABLE],
                                  buf[CHAIN_JVP_ACTS], buf[CHAIN_JVP_BACK], buf[CHAIN_JVP_GRAM],
                                  buf[CHAIN_JVP_SCRATCH]});
    free(y);
}

static double flops(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n;
    return 2.0 * m * chain_case_inner_weights(s) + 2.0 * m * m * n * (double)s->depth;
}
static double bytes(const struct shape *s)
{
    const double m = (double)s->m, depth = (double)s->depth;
    return 4.0 * (chain_case_inner_weights(s) + 2.0 * depth * m * (double)s->n + depth * m * m);
}

/* An error as large as that of a factor times the other; of anything, anything. */
static double carried(double e, double by)
{
    return isinf(e) ? e : e * fabs(by);
}

/* A row of the table, of velocities that may be off by e. */
static void want_row(double want[CHAIN_JVP_FIELDS], double slack[CHAIN_JVP_FIELDS], const double *v,
                     const double *e, const float *b, size_t n)
{
    double sum[CHAIN_JVP_FIELDS] = {0}, off[CHAIN_JVP_FIELDS] = {0}, size = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double to = (double)b[i];
        sum[CHAIN_JVP_DOT] += v[i] * to;
        sum[CHAIN_JVP_VELOCITY2] += v[i] * v[i];
        sum[CHAIN_JVP_BACKWARD2] += to * to;
        off[CHAIN_JVP_DOT] += carried(e[i], to);
        off[CHAIN_JVP_VELOCITY2] += (2.0 * fabs(v[i]) + e[i]) * e[i];
        size += fabs(v[i] * to);
    }
    /* dot_norms' own roundings and those of these sums, in f64. */
    const double own = ((double)n + 600.0) * 0x1p-52;
    for (int f = 0; f < CHAIN_JVP_FIELDS; f++) {
        want[f] = sum[f];
        slack[f] = off[f] + own * (f == CHAIN_JVP_DOT ? size : sum[f]);
    }
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const int runs = perturbed_runs(flops(s));
    const size_t layer = s->m * s->n, all = s->depth * layer;
    struct chain_case *y = chain_case(s, NULL, NULL, NULL);
    const struct perturbed_chain model = {&y->chain, buf[CHAIN_JVP_W], NULL};
    const size_t squares = s->depth * s->m * s->m;
    const float *back = buf[CHAIN_JVP_BACK], *gram = buf[CHAIN_JVP_GRAM];
    double *v = perturbed_doubles(4 * all + squares), *exact = v + all, *off = exact + all;
    double *b = off + all, *g = b + all;
    for (size_t i = 0; i < all; i++) b[i] = (double)back[i];
    for (size_t i = 0; i < squares; i++) g[i] = (double)gram[i];
    const struct perturbed_chain_given given = {buf[CHAIN_JVP_ACTS], b, g};
    for (uint64_t run = 0; run <= (uint64_t)runs; run++) {
        perturbed_chain_jvp(&(struct perturbed){.seed = run}, &model, v, &given);
        perturbed_see(exact, off, v, all, run);
    }
    for (size_t l = 0; l < s->depth; l++) {
        const size_t at = l * layer;
        perturbed_slack(exact + at, off + at, layer, runs);
        want_row(want[CHAIN_JVP_TABLE] + l * CHAIN_JVP_FIELDS,
                 slack[CHAIN_JVP_TABLE] + l * CHAIN_JVP_FIELDS, exact + at, off + at, back + at,
                 layer);
    }
    for (size_t i = 0; i < layer && s->depth; i++) {
        want[CHAIN_JVP_DST][i] = exact[all - layer + i];
        slack[CHAIN_JVP_DST][i] = off[all - layer + i];
    }
    free(v);
    free(y);
}

const struct kernel_spec chain_jvp_spec = {
    .name = "chain_jvp",
    .flag_names = {CHAIN_FLAG_NAMES},
    .formula = "v_l = skip v_{l-over} + (mask v_{l-1}) w_l + rate gram_l b_l; v b, v^2, b^2",
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
    .twin_without = 1u << CHAIN_JVP_TABLE,
    .flops = flops,
    .bytes = bytes,
};
