#include <math.h>
#include <stdlib.h>

#include "../base/sums.h"
#include "../chain_case.h"
#include "../kernel.h"
#include "base/status.h"
#include "chain_grads.h"

static const struct shape check_shapes[] = {CHAIN_CHECK_SHAPES};
static const struct shape bench_shapes[] = {{.m = 1, .n = 1024, .k = 1024, .depth = 64},
                                            {.m = 32, .n = 1024, .k = 1024, .depth = 64},
                                            {.m = 128, .n = 256, .k = 256, .depth = 64}};

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t m = s->m, depth = s->depth;
    op[CHAIN_GRADS_GRAD2] = (struct operand){"grad2", ROLE_OUT, TYPE_F64, 1, depth, depth, 0};
    op[CHAIN_GRADS_GRAM] = (struct operand){"gram", ROLE_OUT, TYPE_F32, depth * m, m, m, 0};
    op[CHAIN_GRADS_ACTS] = chain_case_layers(s, "acts", ROLE_IN, depth);
    op[CHAIN_GRADS_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, depth ? m : 0, s->k, s->k, 0};
    op[CHAIN_GRADS_BACK] = chain_case_layers(s, "back", ROLE_IN, depth);
    op[CHAIN_GRADS_SCRATCH] =
        (struct operand){"scratch", ROLE_SCRATCH, TYPE_F32, 1, m * m, m * m, 0};
    return 6;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    static const float any;
    struct chain_case *y = chain_case(s, NULL, NULL, &any); /* biases are not read */
    chain_grads(set, threads,
                &(struct chain_grads){&y->chain, buf[CHAIN_GRADS_GRAD2], buf[CHAIN_GRADS_GRAM],
                                      buf[CHAIN_GRADS_SCRATCH], buf[CHAIN_GRADS_ACTS],
                                      buf[CHAIN_GRADS_SRC], buf[CHAIN_GRADS_BACK]});
    free(y);
}

static double flops(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n, depth = (double)s->depth;
    const double columns = s->depth ? (double)s->k + (2.0 * depth - 1.0) * n : 0.0;
    return 2.0 * m * m * (columns + depth);
}
static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n, depth = (double)s->depth;
    return 4.0 * (2.0 * depth * m * n + depth * m * m) + 8.0 * depth;
}

/* x transpose(x) + plus, and how far a right result may be off. */
static void want_gram(double *g, double *e, const float *x, size_t m, size_t n, float plus)
{
    const struct factor a = {.exact = x, .at = {.row = n, .col = 1}};
    sums(&(struct sums){.m = m,
                        .n = m,
                        .k = n,
                        .a = a,
                        .b = factor_transpose(a),
                        .x = g,
                        .e = e,
                        .at = {.row = m, .col = 1}});
    for (size_t i = 0; i < m * m; i++) {
        if (m == 1) e[i] = isfinite(g[i]) ? 0x1p-24 * fabs(g[i]) + 0x1p-149 : 0.0;
        if (plus == 0.0f) continue;
        g[i] += (double)plus;
        e[i] += 0x1p-24 * (fabs(g[i]) + e[i]);
    }
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const size_t m = s->m, square = m * m;
    const float plus = s->flags & CHAIN_FLAG_BIAS ? 1.0f : 0.0f;
    const float *q = buf[CHAIN_GRADS_SRC], *b = buf[CHAIN_GRADS_BACK];
    double *beta = calloc(2 * square + 1, sizeof *beta), *off = beta + square;
    if (!beta) out_of_memory();
    for (size_t l = 0; l < s->depth; l++, b += m * s->n) {
        double *g = want[CHAIN_GRADS_GRAM] + l * square, *e = slack[CHAIN_GRADS_GRAM] + l * square;
        want_gram(g, e, q, m, l ? s->n : s->k, plus);
        want_gram(beta, off, b, m, s->n, 0.0f);
        double sum = 0.0, bound = 0.0, size = 0.0;
        for (size_t i = 0; i < square; i++) {
            sum += g[i] * beta[i];
            /* Of anything, anything. */
            const bool any = isinf(e[i]) || isinf(off[i]);
            bound += any ? INFINITY : fabs(g[i]) * off[i] + fabs(beta[i]) * e[i] + e[i] * off[i];
            size += fabs(g[i] * beta[i]);
        }
        want[CHAIN_GRADS_GRAD2][l] = sum;
        slack[CHAIN_GRADS_GRAD2][l] = bound + (double)(square + 300) * 0x1p-52 * size;
        q = (const float *)buf[CHAIN_GRADS_ACTS] + l * m * s->n;
    }
    free(beta);
}

const struct kernel_spec chain_grads_spec = {
    .name = "chain_grads",
    .flag_names = {CHAIN_FLAG_NAMES},
    .formula = "gram_l = q q' (+ 1), grad2_l = sum of gram_l (b_l b_l')",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILL_BIT(FILL_UNIT) | FILL_BIT(FILL_NEG) | FILL_BIT(FILL_EXACT),
    .same_words = true,
    .operands = operands,
    .call = call,
    .oracle = oracle,
    .twin_without = 1u << CHAIN_GRADS_GRAD2,
    .flops = flops,
    .bytes = bytes,
};
