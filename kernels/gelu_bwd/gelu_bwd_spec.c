#include <math.h>

#include "../base/bound.h"
#include "../kernel.h"
#include "../simd/math_bound.h"
#include "gelu_bwd.h"

enum { TANH = GELU_BWD_FLAG_TANH };

#define BOTH(count)                                                                                \
    {.n = count, .flags = TANH},                                                                   \
    {                                                                                              \
        .n = count                                                                                 \
    }
static const struct shape check_shapes[] = {BOTH(0),  BOTH(1),  BOTH(15),   BOTH(16),
                                            BOTH(17), BOTH(65), BOTH(1000), BOTH(70001)};
static const struct shape bench_shapes[] = {BOTH(2048), BOTH(16384), BOTH(262144), BOTH(786432),
                                            BOTH(16777216)};

static const struct alias aliases[] = {
    {GELU_BWD_DSRC, GELU_BWD_DDST}, {GELU_BWD_DSRC, GELU_BWD_SRC}, {GELU_BWD_DDST, GELU_BWD_SRC}};

static size_t operands(const struct shape *s, struct operand op[])
{
    op[GELU_BWD_DSRC] = (struct operand){"dsrc", ROLE_OUT, TYPE_F32, 1, s->n, s->n, 0};
    op[GELU_BWD_DDST] = (struct operand){"ddst", ROLE_IN, TYPE_F32, 1, s->n, s->n, 0};
    op[GELU_BWD_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, 1, s->n, s->n, 2.0f};
    return 3;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    gelu_bwd(set, threads, buf[GELU_BWD_DSRC], buf[GELU_BWD_DDST], buf[GELU_BWD_SRC], s->n,
             s->flags & TANH);
}

static const double U = 0x1p-24, PI = 3.14159265358979323846;
/* Where |s| is more, e^-|s| is +0. */
static const double GONE = 88.1;

/* The factor, how far it may be off, and what e^-s or the density is multiplied by. */
struct factor {
    double exact, off, slope;
};

static struct factor of_erf(double x)
{
    const double z = x * sqrt(0.5), slope = 2.0 / sqrt(PI) * exp(-z * z);
    const double part = x * exp(-0.5 * x * x) / sqrt(2.0 * PI);
    struct factor f = {0.5 * erfc(-z) + part, 0.0, fabs(x)};
    f.off = 0.5 * U * (2.0 * fabs(z) * slope + 2.0 * math_ulp().erf * fabs(erf(z)) + erfc(-z)) +
            fabs(part) * U * (1.5 * x * x + 2.0 * EXP2_ULP + 2.0) + U * fabs(f.exact);
    return f;
}

static struct factor of_tanh(double x)
{
    const double s = 2.0 * sqrt(2.0 / PI) * (x + 0.044715 * x * x * x), e = exp(-fabs(s));
    const double r = 1.0 / (1.0 + e), q = s < 0.0 ? e * r : r;
    const double slope = x * 2.0 * sqrt(2.0 / PI) * (1.0 + 3.0 * 0.044715 * x * x);
    const double part = slope * e * r * r, a = (4.0 * fmin(fabs(s), GONE) + 2.0 * EXP2_ULP) * U;
    struct factor f = {q + part, 0.0, fabs(slope)};
    f.off = q * ((s < 0.0 ? a : a * e) + 3.0 * U) + fabs(part) * (a + 10.0 * U) + U * fabs(f.exact);
    return f;
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const float *ddst = buf[GELU_BWD_DDST], *src = buf[GELU_BWD_SRC];
    /* What the first order leaves out: the largest relative error is 2^-15, its square less than that of it. */
    const double second = 1.0 + 0x1p-14, far = 16.0;
    for (size_t i = 0; i < s->n; i++) {
        const double x = (double)src[i], d = (double)ddst[i];
        const double c = x < -far ? -far : x > far ? far : x;
        const struct factor f = (s->flags & TANH ? of_tanh : of_erf)(c);
        /* The exact factor differs from 1 and 0 by e^-128 there. */
        const double exact = x > far ? 1.0 : x < -far ? 0.0 : f.exact;
        want[GELU_BWD_DSRC][i] = d * exact;
        slack[GELU_BWD_DSRC][i] = (fabs(d) * f.off + U * fabs(d * f.exact)) * second + 0x1p-149 +
                                  0x1p-126 * fabs(d) * (1.0 + f.slope);
    }
}

static uint64_t forward(const struct shape *s, const double *const x[], double *dst)
{
    for (size_t i = 0; i < s->n; i++) {
        const double at = x[GELU_BWD_SRC][i];
        const double w = sqrt(2.0 / PI) * (at + 0.044715 * at * at * at);
        dst[i] = 0.5 * at * (1.0 + (s->flags & TANH ? tanh(w) : erf(at * sqrt(0.5))));
    }
    return 0;
}

static const struct grad_pair pairs[] = {{GELU_BWD_SRC, GELU_BWD_DSRC}};
static const struct grad grad = {.ddst = GELU_BWD_DDST,
                                 .pairs = pairs,
                                 .count = sizeof pairs / sizeof *pairs,
                                 .forward = forward};

static double flops(const struct shape *s)
{
    return (s->flags & TANH ? 28.0 : 44.0) * (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 12.0 * (double)s->n;
}

const struct kernel_spec gelu_bwd_spec = {
    .name = "gelu_bwd",
    .flag_names = {"tanh"},
    .formula = "dsrc = ddst (Phi(src) + src phi(src)), or the form with tanh",
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
    .grad = &grad,
    .flops = flops,
    .bytes = bytes,
};
