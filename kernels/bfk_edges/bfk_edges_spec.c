#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/perturbed_bfk.h"
#include "../base/tridiagonal.h"
#include "../chain_case.h"
#include "../kernel.h"
#include "base/status.h"
#include "bfk_edges.h"

static const uint64_t SEED = 0xfedcba987654321u;

/* Steps as many as the dimension, more, and fewer. */
static const struct shape check_shapes[] = {
    {.m = 3, .n = 5, .k = 4, .depth = 0, .heads = 2},
    {.m = 0, .n = 5, .k = 4, .depth = 2, .heads = 2},
    {.m = 3, .n = 0, .k = 4, .depth = 2, .heads = 2},
    {.m = 3, .n = 5, .k = 0, .depth = 2, .heads = 15},
    {.m = 3, .n = 5, .k = 4, .depth = 2, .heads = 0},
    {.m = 1, .n = 1, .k = 1, .depth = 1, .heads = 1},
    {.m = 1, .n = 1, .k = 3, .depth = 4, .heads = 3},
    {.m = 3, .n = 11, .k = 4, .depth = 1, .heads = 5},
    {.m = 2, .n = 7, .k = 3, .depth = 3, .heads = 3},
    {.m = 2, .n = 7, .k = 3, .depth = 3, .heads = 14},
    {.m = 1, .n = 33, .k = 7, .depth = 3, .heads = 6},
    {.m = 1, .n = 33, .k = 7, .depth = 5, .heads = 33},
    {.m = 5, .n = 17, .k = 7, .depth = 4, .heads = 9, .flags = CHAIN_FLAG_BIAS},
    {.m = 2, .n = 9, .k = 9, .depth = 6, .heads = 5, .flags = CHAIN_FLAG_SKIP},
    {.m = 2, .n = 20, .k = 20, .depth = 6, .heads = 50, .flags = CHAIN_FLAG_SKIP},
    {.m = 4, .n = 24, .k = 16, .depth = 7, .heads = 7, .flags = CHAIN_FLAG_SKIP | CHAIN_FLAG_TWO},
    {.m = 3, .n = 9, .k = 6, .depth = 8, .heads = 27, .flags = CHAIN_FLAG_SKIP | CHAIN_FLAG_TWO},
    {.m = 2, .n = 11, .k = 8, .depth = 5, .heads = 4, .flags = CHAIN_FLAG_LINEAR},
    {.m = 2,
     .n = 18,
     .k = 5,
     .depth = 5,
     .heads = 36,
     .flags = CHAIN_FLAG_LINEAR | CHAIN_FLAG_SKIP},
    /* Scales grow from it: a depth at which none overflows. */
    {.m = 2, .n = 6, .k = 5, .depth = 3, .heads = 4, .flags = CHAIN_FLAG_SKIP | CHAIN_FLAG_TWO},
    {.m = 1, .n = 100, .k = 30, .depth = 3, .heads = 12},
    {.m = 13, .n = 40, .k = 24, .depth = 3, .heads = 4},
    {.m = 4, .n = 12, .k = 24, .depth = 20, .heads = 6, .scale = 0.01f},
    {.m = 4, .n = 12, .k = 24, .depth = 20, .heads = 48, .scale = 4.0f}};
static const struct shape bench_shapes[] = {{.m = 1, .n = 1024, .k = 1024, .depth = 16, .heads = 4},
                                            {.m = 8, .n = 256, .k = 256, .depth = 16, .heads = 32}};

static size_t steps_of(const struct shape *s)
{
    return s->heads < chain_case_dim(s) ? s->heads : chain_case_dim(s);
}

static size_t operands(const struct shape *s, struct operand op[])
{
    struct chain_case *y = chain_case(s, NULL, NULL, NULL);
    const size_t scratch = bfk_edges_scratch(&y->chain, s->heads),
                 work = bfk_edges_work(&y->chain, s->heads);
    free(y);
    op[BFK_EDGES_EDGES] =
        (struct operand){"edges", ROLE_OUT, TYPE_F64, 1, BFK_EDGES_FIELDS, BFK_EDGES_FIELDS, 0};
    op[BFK_EDGES_ACTS] = chain_case_layers(s, "acts", ROLE_IN, s->depth);
    op[BFK_EDGES_GRAM] = chain_case_gram(s);
    op[BFK_EDGES_W] = chain_case_w(s);
    op[BFK_EDGES_PACKED] = chain_case_packed(s, false);
    op[BFK_EDGES_PACKED_T] = chain_case_packed(s, true);
    op[BFK_EDGES_SCRATCH] =
        (struct operand){"scratch", ROLE_SCRATCH, TYPE_F32, 1, scratch, scratch, 0};
    op[BFK_EDGES_WORK] = (struct operand){"work", ROLE_SCRATCH, TYPE_F64, 1, work, work, 0};
    return 8;
}

static void adjust(const struct shape *s, void *const buf[])
{
    chain_case_adjust(s, buf[BFK_EDGES_W]);
    chain_case_adjust_gram(s, buf[BFK_EDGES_GRAM]);
}
static void prepare(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    chain_case_prepare(set, s, buf[BFK_EDGES_PACKED], buf[BFK_EDGES_PACKED_T], buf[BFK_EDGES_W]);
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    struct chain_case *y = chain_case(s, buf[BFK_EDGES_PACKED], buf[BFK_EDGES_PACKED_T], NULL);
    bfk_edges(set, threads,
              &(struct bfk_edges){.chain = &y->chain,
                                  .edges = buf[BFK_EDGES_EDGES],
                                  .steps = s->heads,
                                  .seed = SEED,
                                  .acts = buf[BFK_EDGES_ACTS],
                                  .gram = buf[BFK_EDGES_GRAM],
                                  .scratch = buf[BFK_EDGES_SCRATCH],
                                  .work = buf[BFK_EDGES_WORK]});
    free(y);
}

static double flops(const struct shape *s)
{
    const double steps = (double)steps_of(s);
    if (steps == 0.0) return 0.0;
    return (steps + 2.0) * chain_case_bfk_flops(s) +
           8.0 * steps * steps * (double)chain_case_dim(s);
}
static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n, depth = (double)s->depth;
    return 4.0 * (2.0 * chain_case_inner_weights(s) + depth * m * (n + m)) + 8.0 * BFK_EDGES_FIELDS;
}

/* The room in f64, moved wherever it rounds to f32. */
struct model {
    struct perturbed p;
    const struct perturbed_bfk *b;
    double *basis, *y, *w, *diagonal, *beside, *s;
    double *excess; /* of beta over what ends the steps, 0 of those not done */
    size_t steps, done;
};

static double dot(const double *x, const double *y, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

/* x += c y. */
static void add(struct model *o, double *x, double c, const double *y)
{
    perturbed_move(&o->p, &c, NULL, 1);
    for (size_t i = 0; i < o->b->dim; i++) x[i] += c * y[i];
    perturbed_move(&o->p, x, NULL, o->b->dim);
}

static void lanczos(struct model *o, const float *start)
{
    const size_t dim = o->b->dim;
    for (size_t i = 0; i < dim; i++) o->w[i] = (double)start[i];
    double beta = sqrt(dot(o->w, o->w, dim));
    for (size_t j = 0; j < o->steps; j++) o->excess[j] = 0.0;
    for (size_t j = 0; j < o->steps; j++) {
        double *q = o->basis + j * dim;
        for (size_t i = 0; i < dim; i++) q[i] = o->w[i] / beta;
        perturbed_move(&o->p, q, NULL, dim);
        perturbed_bfk_product(&o->p, o->b, o->w, q);
        const double least = 0x1p-24 * sqrt(dot(o->w, o->w, dim));
        o->diagonal[j] = dot(q, o->w, dim);
        for (int pass = 0; pass < 2; pass++)
            for (size_t i = j + 1; i-- > 0;)
                add(o, o->w, -dot(o->basis + i * dim, o->w, dim), o->basis + i * dim);
        beta = sqrt(dot(o->w, o->w, dim));
        o->done = j + 1;
        if (o->done == o->steps) return;
        o->excess[j] = beta - least;
        if (!(beta > least)) return;
        o->beside[j] = beta;
    }
}

static void edge(struct model *o, bool greatest, double *value, double *residual)
{
    const size_t dim = o->b->dim;
    const struct tridiagonal t = {o->done, o->diagonal, o->beside};
    *value = tridiagonal_edge(&t, greatest);
    tridiagonal_vector(&t, greatest, *value, o->s, o->s + o->steps);
    for (size_t i = 0; i < dim; i++) o->y[i] = 0.0;
    for (size_t i = 0; i < o->done; i++) add(o, o->y, o->s[i], o->basis + i * dim);
    perturbed_bfk_product(&o->p, o->b, o->w, o->y);
    for (size_t i = 0; i < dim; i++) o->w[i] -= *value * o->y[i];
    for (int rounding = 0; rounding < 2; rounding++) perturbed_move(&o->p, o->w, NULL, dim);
    *residual = sqrt(dot(o->w, o->w, dim) / dot(o->y, o->y, dim));
}

/* want, slack: of the fields, then of what each step left. */
static void run_all(struct model *o, const float *start, double *want, double *slack, int runs)
{
    double x[BFK_EDGES_FIELDS], *left = want + BFK_EDGES_FIELDS, *off = slack + BFK_EDGES_FIELDS;
    size_t done = 0;
    for (uint64_t run = 0; run <= (uint64_t)runs; run++) {
        o->p = (struct perturbed){.seed = run};
        lanczos(o, start);
        edge(o, false, &x[BFK_EDGE_LEAST], &x[BFK_EDGE_LEAST_RESIDUAL]);
        edge(o, true, &x[BFK_EDGE_GREATEST], &x[BFK_EDGE_GREATEST_RESIDUAL]);
        x[BFK_EDGE_STEPS] = (double)o->done;
        if (run == 0) done = o->done;
        perturbed_see(want, slack, x, BFK_EDGES_FIELDS, run);
        perturbed_see(left, off, o->excess, o->steps, run);
    }
    /* Each is a tensor of its own. */
    for (int f = 0; f < BFK_EDGE_STEPS; f++) perturbed_slack(want + f, slack + f, 1, runs);
    slack[BFK_EDGE_STEPS] = 0.0;
    for (size_t j = 0; j < done && j + 1 < o->steps; j++) {
        perturbed_slack(left + j, off + j, 1, runs);
        /* So little that it is for the rounding to say whether the step is the last. */
        if (!(fabs(left[j]) > off[j])) slack[BFK_EDGE_STEPS] = INFINITY;
    }
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const size_t dim = chain_case_dim(s), steps = steps_of(s);
    for (int f = 0; f < BFK_EDGES_FIELDS; f++) {
        want[BFK_EDGES_EDGES][f] = f == BFK_EDGE_STEPS ? 0.0 : NAN;
        slack[BFK_EDGES_EDGES][f] = 0.0;
    }
    if (!steps) return;
    struct chain_case *y = chain_case(s, NULL, NULL, NULL);
    const struct perturbed_chain model = {&y->chain, buf[BFK_EDGES_W], NULL};
    struct perturbed_bfk b;
    perturbed_bfk_open(&b, &model, buf[BFK_EDGES_ACTS], buf[BFK_EDGES_GRAM]);
    double *basis = perturbed_doubles((steps + 2) * dim + 7 * steps + 2 * BFK_EDGES_FIELDS);
    struct model o = {.b = &b, .steps = steps, .basis = basis};
    o.y = basis + steps * dim;
    o.w = o.y + dim;
    o.diagonal = o.w + dim;
    o.beside = o.diagonal + steps;
    o.s = o.beside + steps;
    o.excess = o.s + 2 * steps;
    double *exact = o.excess + steps, *off = exact + BFK_EDGES_FIELDS + steps;
    float *start = calloc(dim, sizeof *start);
    if (!start) out_of_memory();
    normal_fill(kernel_set(ISA_SCALAR), 1, start, dim, 1.0f, SEED, BFK_EDGES_STREAM);
    run_all(&o, start, exact, off, perturbed_runs(flops(s)));
    memcpy(want[BFK_EDGES_EDGES], exact, BFK_EDGES_FIELDS * sizeof *exact);
    memcpy(slack[BFK_EDGES_EDGES], off, BFK_EDGES_FIELDS * sizeof *off);
    free(start);
    free(basis);
    perturbed_bfk_close(&b);
    free(y);
}

const struct kernel_spec bfk_edges_spec = {
    .name = "bfk_edges",
    .flag_names = {CHAIN_FLAG_NAMES},
    .formula = "least and greatest eigenvalue of K by Lanczos, with residuals",
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
