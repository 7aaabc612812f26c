#include <math.h>
#include <stdlib.h>

#include "../base/perturbed_bfk.h"
#include "../base/rng.h"
#include "../base/sums.h"
#include "../chain_case.h"
#include "../kernel.h"
#include "bfk_moments.h"

static const uint64_t SEED = 0x123456789abcdefu;

static const struct shape check_shapes[] = {
    {.m = 3, .n = 5, .k = 4, .depth = 0, .heads = 2},
    {.m = 0, .n = 5, .k = 4, .depth = 2, .heads = 2},
    {.m = 3, .n = 0, .k = 4, .depth = 2, .heads = 2},
    {.m = 3, .n = 5, .k = 0, .depth = 2, .heads = 2},
    {.m = 1, .n = 1, .k = 1, .depth = 1},
    {.m = 1, .n = 1, .k = 3, .depth = 4, .heads = 1},
    {.m = 3, .n = 11, .k = 4, .depth = 1},
    {.m = 2, .n = 7, .k = 3, .depth = 3, .heads = 3},
    {.m = 1, .n = 33, .k = 7, .depth = 3},
    {.m = 5, .n = 17, .k = 7, .depth = 4, .heads = 6, .flags = CHAIN_FLAG_BIAS},
    {.m = 2, .n = 9, .k = 9, .depth = 6, .heads = 2, .flags = CHAIN_FLAG_SKIP},
    {.m = 2, .n = 20, .k = 20, .depth = 6, .flags = CHAIN_FLAG_SKIP},
    {.m = 4, .n = 24, .k = 16, .depth = 7, .heads = 9, .flags = CHAIN_FLAG_SKIP | CHAIN_FLAG_TWO},
    {.m = 3, .n = 9, .k = 6, .depth = 8, .flags = CHAIN_FLAG_SKIP | CHAIN_FLAG_TWO},
    {.m = 2, .n = 11, .k = 8, .depth = 5, .heads = 3, .flags = CHAIN_FLAG_LINEAR},
    {.m = 2, .n = 18, .k = 5, .depth = 5, .flags = CHAIN_FLAG_LINEAR | CHAIN_FLAG_SKIP},
    /* Scales grow from it: a depth at which none overflows. */
    {.m = 2, .n = 6, .k = 5, .depth = 3, .heads = 3, .flags = CHAIN_FLAG_SKIP | CHAIN_FLAG_TWO},
    {.m = 1, .n = 300, .k = 30, .depth = 3, .heads = 3},
    {.m = 20, .n = 70, .k = 64, .depth = 5, .heads = 2},
    {.m = 4, .n = 12, .k = 24, .depth = 20, .heads = 4, .scale = 0.01f},
    {.m = 4, .n = 12, .k = 24, .depth = 20, .heads = 4, .scale = 4.0f}};
static const struct shape bench_shapes[] = {{.m = 1, .n = 1024, .k = 1024, .depth = 16, .heads = 4},
                                            {.m = 8, .n = 256, .k = 256, .depth = 16, .heads = 4}};

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t scratch = chain_case_floats(s, bfk_moments_scratch);
    op[BFK_MOMENTS_MOMENTS] = (struct operand){"moments",          ROLE_OUT,           TYPE_F64, 1,
                                               BFK_MOMENTS_FIELDS, BFK_MOMENTS_FIELDS, 0};
    op[BFK_MOMENTS_ACTS] = chain_case_layers(s, "acts", ROLE_IN, s->depth);
    op[BFK_MOMENTS_GRAM] = chain_case_gram(s);
    op[BFK_MOMENTS_W] = chain_case_w(s);
    op[BFK_MOMENTS_PACKED] = chain_case_packed(s, false);
    op[BFK_MOMENTS_PACKED_T] = chain_case_packed(s, true);
    op[BFK_MOMENTS_SCRATCH] =
        (struct operand){"scratch", ROLE_SCRATCH, TYPE_F32, 1, scratch, scratch, 0};
    return 7;
}

static void adjust(const struct shape *s, void *const buf[])
{
    chain_case_adjust(s, buf[BFK_MOMENTS_W]);
    chain_case_adjust_gram(s, buf[BFK_MOMENTS_GRAM]);
}
static void prepare(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    chain_case_prepare(set, s, buf[BFK_MOMENTS_PACKED], buf[BFK_MOMENTS_PACKED_T],
                       buf[BFK_MOMENTS_W]);
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    struct chain_case *y = chain_case(s, buf[BFK_MOMENTS_PACKED], buf[BFK_MOMENTS_PACKED_T], NULL);
    bfk_moments(set, threads,
                &(struct bfk_moments){.chain = &y->chain,
                                      .moments = buf[BFK_MOMENTS_MOMENTS],
                                      .probes = s->heads,
                                      .seed = SEED,
                                      .acts = buf[BFK_MOMENTS_ACTS],
                                      .gram = buf[BFK_MOMENTS_GRAM],
                                      .scratch = buf[BFK_MOMENTS_SCRATCH]});
    free(y);
}

static size_t vectors_of(const struct shape *s)
{
    return s->heads ? s->heads : chain_case_dim(s);
}
static double flops(const struct shape *s)
{
    return (double)vectors_of(s) * (chain_case_bfk_flops(s) + 6.0 * (double)chain_case_dim(s));
}
static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n, depth = (double)s->depth;
    return 4.0 * (2.0 * chain_case_inner_weights(s) + depth * m * (n + m)) +
           8.0 * BFK_MOMENTS_FIELDS;
}

/* As the contract says, one at a time. */
static double sign_of(size_t probe, size_t i)
{
    const uint32_t key[2] = {(uint32_t)SEED, (uint32_t)(SEED >> 32)};
    const uint32_t counter[4] = {(uint32_t)(i / 128), (uint32_t)probe, 0, BFK_MOMENTS_STREAM};
    uint32_t out[4];
    philox4x32_10(counter, key, out);
    return out[i / 32 % 4] & 1u << i % 32 ? -1.0 : 1.0;
}

/* Values of the probes and how far each may be off: the mean and its error. */
static void want_mean(const double *x, const double *e, size_t count, struct near *mean,
                      struct near *error)
{
    double sum = 0.0, off = 0.0, square = 0.0, off2 = 0.0, greatest = 0.0;
    const double n = (double)count;
    for (size_t p = 0; p < count; p++) {
        sum += x[p] / n;
        off += e[p] / n;
        off2 += e[p] * e[p];
        greatest = fmax(greatest, fabs(x[p]));
    }
    for (size_t p = 0; p < count; p++) square += (x[p] - sum) * (x[p] - sum);
    /* Deviations from the mean are a projection of the values: their norm errs by no more than the values' does. Of the
     * updates each rounds four times what is no greater than twice the greatest value, as these sums do. */
    const double own = 16.0 * n * 0x1p-53 * greatest, below = n * (n - 1.0);
    *mean = (struct near){sum, off + own};
    *error = (struct near){sqrt(square / below), (sqrt(off2) + own * sqrt(n)) / sqrt(below)};
}

static struct near total(const double *want, const double *slack, const double *z, size_t dim,
                         bool squared)
{
    struct near y = {0};
    double size = 0.0;
    for (size_t i = 0; i < dim; i++) {
        const double term = squared ? want[i] * want[i] : want[i] * z[i];
        y.x += term;
        y.e += squared ? (2.0 * fabs(want[i]) + slack[i]) * slack[i] : slack[i] * fabs(z[i]);
        size += fabs(term);
    }
    /* dot_norms' own roundings and those of this sum, in f64. */
    y.e += ((double)dim + 600.0) * 0x1p-52 * size;
    return y;
}

/* Moment `f` of the values x, which may be off by e. */
static void want_moment(const struct shape *s, const double *x, const double *e, double *want,
                        double *slack, int f)
{
    struct near mean, error;
    want_mean(x, e, vectors_of(s), &mean, &error);
    if (s->heads == 0) error = (struct near){0.0, 0.0};
    if (s->heads == 1) error = (struct near){NAN, 0.0};
    const bool free = !isfinite(mean.x) || !isfinite(mean.e);
    want[f] = free ? 0.0 : mean.x;
    slack[f] = free ? INFINITY : mean.e;
    const int g = f + BFK_MOMENT1_ERROR;
    want[g] = free && s->heads > 1 ? 0.0 : error.x;
    slack[g] = free && s->heads > 1 ? INFINITY : error.e;
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const size_t dim = chain_case_dim(s), count = vectors_of(s);
    double *moments = want[BFK_MOMENTS_MOMENTS], *off = slack[BFK_MOMENTS_MOMENTS];
    for (int f = 0; f < BFK_MOMENTS_FIELDS && !dim; f++) {
        moments[f] = NAN;
        off[f] = 0.0;
    }
    if (!dim) return;
    struct chain_case *y = chain_case(s, NULL, NULL, NULL);
    const struct perturbed_chain model = {&y->chain, buf[BFK_MOMENTS_W], NULL};
    struct perturbed_bfk b;
    perturbed_bfk_open(&b, &model, buf[BFK_MOMENTS_ACTS], buf[BFK_MOMENTS_GRAM]);
    double *z = perturbed_doubles(3 * dim + 4 * count), *kz = z + dim, *e = kz + dim;
    double *one = e + dim, *one_off = one + count, *two = one_off + count, *two_off = two + count;
    const double each = s->heads ? (double)dim : 1.0;
    for (size_t p = 0; p < count; p++) {
        for (size_t i = 0; i < dim; i++) z[i] = s->heads ? sign_of(p, i) : i == p ? 1.0 : 0.0;
        perturbed_bfk_want(&b, kz, e, z, perturbed_runs(flops(s)));
        const struct near x = total(kz, e, z, dim, false), x2 = total(kz, e, z, dim, true);
        one[p] = x.x / each;
        one_off[p] = x.e / each;
        two[p] = x2.x / each;
        two_off[p] = x2.e / each;
    }
    want_moment(s, one, one_off, moments, off, BFK_MOMENT1);
    want_moment(s, two, two_off, moments, off, BFK_MOMENT2);
    free(z);
    perturbed_bfk_close(&b);
    free(y);
}

const struct kernel_spec bfk_moments_spec = {
    .name = "bfk_moments",
    .flag_names = {CHAIN_FLAG_NAMES},
    .formula = "tr K / dim, tr K^2 / dim by probes of signs, with standard errors",
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
