#include <assert.h>
#include <math.h>

#include "../base/bound.h"
#include "../kernel.h"
#include "../simd/math_bound.h"
#include "xent_fwd.h"

enum { SOFT = XENT_FWD_FLAG_SOFT };

#define BOTH(...)                                                                                  \
    {__VA_ARGS__},                                                                                 \
    {                                                                                              \
        __VA_ARGS__, .flags = SOFT                                                                 \
    }
static const struct shape check_shapes[] = {
    BOTH(.m = 0, .n = 5),
    BOTH(.m = 3, .n = 0),
    BOTH(.m = 1, .n = 1),
    BOTH(.m = 2, .n = 17),
    BOTH(.m = 5, .n = 31, .scale = 0.3f),
    BOTH(.m = 9, .n = 33, .pad = 3),
    BOTH(.m = 7, .n = 64, .scale = 4.0f),
    BOTH(.m = 33, .n = 10),
    BOTH(.m = 2, .n = 50257, .pad = 47),
};
static const struct shape bench_shapes[] = {BOTH(.m = 128, .n = 10), BOTH(.m = 1024, .n = 1000),
                                            BOTH(.m = 256, .n = 50257, .pad = 47)};

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t m = s->m, n = s->n, ld = n + s->pad;
    const bool soft = s->flags & SOFT;
    op[XENT_FWD_LOSS] = (struct operand){"loss", ROLE_OUT, TYPE_F32, 1, m, m, 0};
    op[XENT_FWD_LSE] = (struct operand){"lse", ROLE_OUT, TYPE_F32, 1, m, m, 0};
    op[XENT_FWD_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, m, n, ld, 0};
    op[XENT_FWD_TARGET] =
        (struct operand){"target", ROLE_IN, TYPE_I32, soft ? 0 : 1, soft ? 0 : m, m, (float)n};
    /* Not negative, and of no sum: nothing in the kernel needs it to be 1. */
    op[XENT_FWD_PROBS] =
        (struct operand){"probs", ROLE_IN, TYPE_F32, soft ? m : 0, n, ld, -1.0f / (float)(n + 1)};
    return 5;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    const bool soft = s->flags & SOFT;
    const enum status status =
        xent_fwd(set, threads,
                 &(struct xent_fwd){.loss = buf[XENT_FWD_LOSS],
                                    .lse = buf[XENT_FWD_LSE],
                                    .src = buf[XENT_FWD_SRC],
                                    .target = soft ? NULL : buf[XENT_FWD_TARGET],
                                    .probs = soft ? buf[XENT_FWD_PROBS] : NULL,
                                    .m = s->m,
                                    .n = s->n,
                                    .ld_src = s->n + s->pad,
                                    .ld_probs = s->n + s->pad,
                                    .tau = shape_scale(s)});
    assert(status == STATUS_OK);
    (void)status;
}

/* What the sums over a row come to exactly, and how far l may be off. */
struct row {
    double max, l, e;
    bool nan;
};

static struct row row_of(const float *x, size_t n, double tau)
{
    const struct found_row of = found_row(x, n, tau);
    const double g = bound_gamma((n + 15) / 16 + 5), ulp = math_ulp().log;
    struct row r = {.max = of.max, .l = log(of.sum.exact), .nan = of.nan};
    const double hi = log(of.sum.hi * (1.0 + g)), lo = log(of.sum.lo * (1.0 - g));
    r.e = fmax(hi - r.l, r.l - lo) + ulp * (0x1p-23 * fmax(fabs(hi), fabs(lo)) + 0x1p-149);
    if (n == 0) r.e = 0.0;
    return r;
}

static void soft_loss(const struct row *r, const float *x, const float *probs, size_t n, double tau,
                      double *want, double *slack)
{
    const double u = 0x1p-24, g = bound_gamma((n + 15) / 16 + 5);
    double p = 0.0, a = 0.0, size_p = 0.0, size_a = 0.0, apart = 0.0;
    for (size_t j = 0; j < n; j++) {
        const double d = (double)x[j] - r->max, q = (double)probs[j];
        p += q;
        a += q * d;
        size_p += fabs(q);
        size_a += fabs(q * d);
        apart = fmax(apart, fabs(d));
    }
    const double tiny = (double)(n + 2) * 0x1p-148 * (1.0 + 1.0 / tau);
    const double to_p = g * size_p, to_a = (g + u) * (1.0 + g) * size_a;
    *want = p * r->l - a / tau;
    const double product = (size_p + to_p) * r->e + to_p * fabs(r->l);
    const double rounded = u * (size_p + to_p) * (fabs(r->l) + r->e);
    const double other = (to_a + u * (size_a + to_a)) * (1.0 + u) / tau;
    *slack = (product + rounded + other) * (1.0 + u) + u * fabs(*want) + tiny;
    /* Infinities whose sign or presence depends on roundings, and sums that overflow. */
    const bool over = bound_overflows(size_p, n) || bound_overflows(apart, 1) ||
                      bound_overflows(size_a, n) || bound_overflows(size_a / tau, n) ||
                      bound_overflows(size_p * fabs(r->l), n);
    if (isnan(*want) && (isnan(p) || isnan(a) || n == 0)) return;
    if (over) *want = 0.0, *slack = INFINITY;
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const size_t n = s->n, ld = n + s->pad;
    const double u = 0x1p-24, tau = (double)shape_scale(s);
    const int32_t *target = buf[XENT_FWD_TARGET];
    for (size_t i = 0; i < s->m; i++) {
        const float *x = (const float *)buf[XENT_FWD_SRC] + i * ld;
        const struct row r = row_of(x, n, tau);
        double *loss = &want[XENT_FWD_LOSS][i], *lse = &want[XENT_FWD_LSE][i];
        double *e = &slack[XENT_FWD_LOSS][i];
        *lse = r.nan ? NAN : r.max / tau + r.l;
        slack[XENT_FWD_LSE][i] =
            r.e + u * (fabs(r.max / tau) + fabs(*lse) + r.e) * (1.0 + 2.0 * u) + 0x1p-149;
        *loss = NAN;
        *e = 0.0;
        if (r.nan) continue;
        if (s->flags & SOFT) {
            soft_loss(&r, x, (const float *)buf[XENT_FWD_PROBS] + i * ld, n, tau, loss, e);
        } else if (n) {
            const double apart = r.max - (double)x[target[i]];
            const double d = isinf((float)apart) ? INFINITY : apart / tau;
            *loss = d + r.l;
            *e = r.e + (2.0 * u * d + u * (*loss + r.e)) * (1.0 + 4.0 * u) + 0x1p-148;
        }
    }
}

static double flops(const struct shape *s)
{
    return (s->flags & SOFT ? 22.0 : 18.0) * (double)s->m * (double)s->n;
}
static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n;
    return s->flags & SOFT ? 8.0 * m * (n + 1.0) : 4.0 * m * (n + 3.0);
}

const struct kernel_spec xent_fwd_spec = {
    .name = "xent_fwd",
    .flag_names = {"soft"},
    .formula = "lse = ln(sum of e^(src / tau)), loss = lse - src[target] / tau, by rows",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILLS_ALL,
    .same_words = true,
    .operands = operands,
    .call = call,
    .oracle = oracle,
    .flops = flops,
    .bytes = bytes,
};
