#include <math.h>

#include "../base/bound.h"
#include "../kernel.h"
#include "../simd/math_bound.h"
#include "softmax_fwd.h"

static const struct shape check_shapes[] = {
    {.m = 0, .n = 5},
    {.m = 3, .n = 0},
    {.m = 1, .n = 1},
    {.m = 2, .n = 17},
    {.m = 5, .n = 31, .scale = 0.3f},
    {.m = 9, .n = 33, .pad = 3},
    {.m = 7, .n = 64, .scale = 4.0f},
    {.m = 33, .n = 10},
    {.m = 3, .n = 1000, .scale = 0.1f},
    {.m = 3, .n = 1000, .scale = 1e30f},
    {.m = 2, .n = 50257, .pad = 47},
};
static const struct shape bench_shapes[] = {{.m = 32, .n = 10},      {.m = 768, .n = 64},
                                            {.m = 12288, .n = 128},  {.m = 3072, .n = 256},
                                            {.m = 12288, .n = 1024}, {.m = 256, .n = 50304}};

static const struct alias aliases[] = {{SOFTMAX_FWD_DST, SOFTMAX_FWD_SRC}};

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t ld = s->n + s->pad;
    op[SOFTMAX_FWD_DST] = (struct operand){"dst", ROLE_OUT, TYPE_F32, s->m, s->n, ld, 0};
    op[SOFTMAX_FWD_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, s->m, s->n, ld, 0};
    return 2;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    softmax_fwd(set, threads,
                &(struct softmax_fwd){.dst = buf[SOFTMAX_FWD_DST],
                                      .src = buf[SOFTMAX_FWD_SRC],
                                      .m = s->m,
                                      .n = s->n,
                                      .ld_dst = s->n + s->pad,
                                      .ld_src = s->n + s->pad,
                                      .tau = shape_scale(s)});
}

static void oracle_row(const float *x, size_t n, double tau, double *want, double *slack)
{
    const struct found_row r = found_row(x, n, tau);
    const double g = bound_gamma((n + 15) / 16 + 6);
    for (size_t j = 0; j < n; j++) {
        const struct found e = found_weight((double)x[j], r.max, tau);
        const double exact = e.exact / r.sum.exact;
        want[j] = r.nan ? NAN : exact;
        slack[j] =
            fmax(e.hi * (1.0 + g) / r.sum.lo - exact, exact - e.lo / (r.sum.hi * (1.0 + g))) +
            0x1p-149;
    }
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    for (size_t i = 0; i < s->m; i++)
        oracle_row((const float *)buf[SOFTMAX_FWD_SRC] + i * (s->n + s->pad), s->n,
                   (double)shape_scale(s), want[SOFTMAX_FWD_DST] + i * s->n,
                   slack[SOFTMAX_FWD_DST] + i * s->n);
}

static double flops(const struct shape *s)
{
    return 19.0 * (double)s->m * (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 8.0 * (double)s->m * (double)s->n;
}

const struct kernel_spec softmax_fwd_spec = {
    .name = "softmax_fwd",
    .formula = "dst = e^(src / tau) / sum of e^(src / tau), by rows",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILLS_ALL,
    .same_words = true,
    .aliases = aliases,
    .alias_count = sizeof aliases / sizeof *aliases,
    .operands = operands,
    .call = call,
    .oracle = oracle,
    .flops = flops,
    .bytes = bytes,
};
