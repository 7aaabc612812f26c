#include <math.h>

#include "../kernel.h"
#include "../simd/math_bound.h"
#include "gelu_fwd.h"

enum { TANH = GELU_FWD_FLAG_TANH };

#define BOTH(count)                                                                                \
    {.n = count, .flags = TANH},                                                                   \
    {                                                                                              \
        .n = count                                                                                 \
    }
static const struct shape check_shapes[] = {BOTH(0),  BOTH(1),  BOTH(15),   BOTH(16),
                                            BOTH(17), BOTH(65), BOTH(1000), BOTH(70001)};
static const struct shape bench_shapes[] = {BOTH(2048), BOTH(16384), BOTH(262144), BOTH(786432),
                                            BOTH(16777216)};

static const struct alias aliases[] = {{GELU_FWD_DST, GELU_FWD_SRC}};

static size_t operands(const struct shape *s, struct operand op[])
{
    op[GELU_FWD_DST] = (struct operand){"dst", ROLE_OUT, TYPE_F32, 1, s->n, s->n, 0};
    op[GELU_FWD_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, 1, s->n, s->n, 2.0f};
    return 2;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    gelu_fwd(set, threads, buf[GELU_FWD_DST], buf[GELU_FWD_SRC], s->n, s->flags & TANH);
}

static const double U = 0x1p-24, PI = 3.14159265358979323846;
/* Where |s| is more, e^-|s| is +0. */
static const double GONE = 88.1;

static void oracle_erf(double x, double *want, double *slack)
{
    const double z = x * sqrt(0.5), erf_z = erf(z), ulp = math_ulp().erf;
    const double slope = 2.0 / sqrt(PI) * exp(-z * z);
    *want = 0.5 * x * erfc(-z);
    *slack = 0.5 * fabs(x) * U * (2.0 * fabs(z) * slope + 2.0 * ulp * fabs(erf_z) + erfc(-z)) +
             U * fabs(*want);
}

static void oracle_tanh(double x, double *want, double *slack)
{
    const double s = 2.0 * sqrt(2.0 / PI) * (x + 0.044715 * x * x * x), e = exp(-fabs(s));
    const double reach = fmin(fabs(s), GONE);
    const double up = s < 0.0 ? e : 1.0, share = (s < 0.0 ? 1.0 : e) / (1.0 + e);
    *want = x * up / (1.0 + e);
    *slack = fabs(*want) * U * ((4.0 * reach + 2.0 * EXP2_ULP) * share + 3.0);
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const float *src = buf[GELU_FWD_SRC];
    /* What the first order leaves out: the largest relative error is 2^-15, its square less than that of it. */
    const double second = 1.0 + 0x1p-14;
    for (size_t i = 0; i < s->n; i++) {
        double *w = &want[GELU_FWD_DST][i], *e = &slack[GELU_FWD_DST][i];
        const double x = (double)src[i];
        (s->flags & TANH ? oracle_tanh : oracle_erf)(x, w, e);
        if (isinf(x)) *w = x > 0.0 ? x : -0.0;
        *e = isinf(x) || x == 0.0 ? 0.0 : *e * second + 0x1p-126 * (1.0 + fabs(x));
    }
}

static double flops(const struct shape *s)
{
    return (s->flags & TANH ? 23.0 : 30.0) * (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 8.0 * (double)s->n;
}

const struct kernel_spec gelu_fwd_spec = {
    .name = "gelu_fwd",
    .flag_names = {"tanh"},
    .formula = "dst = src / 2 (1 + erf(src / sqrt 2)), or the form with tanh",
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
    .twin_slack = 0x1p-20, /* 1 + tanh and 1 + erf: 2.6.3 is off by 8 u of x, by 13 u of ddst */
    .twin_undefined = FILL_BIT(FILL_HUGE),
    .flops = flops,
    .bytes = bytes,
};
