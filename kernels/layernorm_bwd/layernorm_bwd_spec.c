#include <math.h>
#include <stdlib.h>

#include "../base/bound.h"
#include "../kernel.h"
#include "layernorm_bwd.h"

enum { DATA = LAYERNORM_BWD_FLAG_ADD_DATA, WEIGHTS = LAYERNORM_BWD_FLAG_ADD_WEIGHTS };

static const struct shape check_shapes[] = {{.m = 0, .n = 5},
                                            {.m = 3, .n = 0},
                                            {.m = 1, .n = 1},
                                            {.m = 2, .n = 17},
                                            {.m = 5, .n = 31, .flags = DATA},
                                            {.m = 19, .n = 33, .pad = 3},
                                            {.m = 37, .n = 64, .flags = DATA | WEIGHTS},
                                            {.m = 4, .n = 95, .pad = 1, .flags = WEIGHTS},
                                            {.m = 2100, .n = 5},
                                            {.m = 6, .n = 768}};
static const struct shape bench_shapes[] = {
    {.m = 64, .n = 128},    {.m = 256, .n = 768},
    {.m = 1024, .n = 768},  {.m = 1024, .n = 768, .flags = DATA | WEIGHTS},
    {.m = 2048, .n = 1024}, {.m = 8, .n = 4096}};

static const struct alias aliases[] = {{LAYERNORM_BWD_DSRC, LAYERNORM_BWD_DDST}};

static bool flag(const struct shape *s, unsigned flag)
{
    return (s->flags & flag) != 0;
}

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t m = s->m, n = s->n, ld = n + s->pad, scratch = layernorm_bwd_scratch(m, n);
    const enum role data = flag(s, DATA) ? ROLE_INOUT : ROLE_OUT;
    const enum role weights = flag(s, WEIGHTS) ? ROLE_INOUT : ROLE_OUT;
    op[LAYERNORM_BWD_DSRC] = (struct operand){"dsrc", data, TYPE_F32, m, n, ld, 0};
    op[LAYERNORM_BWD_DGAMMA] = (struct operand){"dgamma", weights, TYPE_F32, 1, n, n, 0};
    op[LAYERNORM_BWD_DBETA] = (struct operand){"dbeta", weights, TYPE_F32, 1, n, n, 0};
    op[LAYERNORM_BWD_DDST] = (struct operand){"ddst", ROLE_IN, TYPE_F32, m, n, ld, 0};
    op[LAYERNORM_BWD_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, m, n, ld, 0};
    op[LAYERNORM_BWD_MEAN] = (struct operand){"mean", ROLE_PACKED, TYPE_F32, 1, m, m, 0};
    op[LAYERNORM_BWD_RSTD] = (struct operand){"rstd", ROLE_PACKED, TYPE_F32, 1, m, m, 0};
    op[LAYERNORM_BWD_GAMMA] = (struct operand){"gamma", ROLE_IN, TYPE_F32, 1, n, n, 0};
    op[LAYERNORM_BWD_SCRATCH] =
        (struct operand){"scratch", ROLE_SCRATCH, TYPE_F32, 1, scratch, scratch, 0};
    return 9;
}

/* The statistics that a right forward pass would have stored. */
static void prepare(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    float *means = buf[LAYERNORM_BWD_MEAN], *rstds = buf[LAYERNORM_BWD_RSTD];
    (void)set;
    for (size_t i = 0; i < s->m; i++) {
        const float *x = (const float *)buf[LAYERNORM_BWD_SRC] + i * (s->n + s->pad);
        double mean = 0.0, square = 0.0;
        for (size_t j = 0; j < s->n; j++) mean += (double)x[j] / (double)s->n;
        for (size_t j = 0; j < s->n; j++)
            square += ((double)x[j] - mean) * ((double)x[j] - mean) / (double)s->n;
        means[i] = (float)mean;
        rstds[i] = (float)(1.0 / sqrt(square + (double)LAYERNORM_BWD_SPEC_EPS));
    }
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    layernorm_bwd(set, threads,
                  &(struct layernorm_bwd){.dsrc = buf[LAYERNORM_BWD_DSRC],
                                          .dgamma = buf[LAYERNORM_BWD_DGAMMA],
                                          .dbeta = buf[LAYERNORM_BWD_DBETA],
                                          .scratch = buf[LAYERNORM_BWD_SCRATCH],
                                          .ddst = buf[LAYERNORM_BWD_DDST],
                                          .src = buf[LAYERNORM_BWD_SRC],
                                          .mean = buf[LAYERNORM_BWD_MEAN],
                                          .rstd = buf[LAYERNORM_BWD_RSTD],
                                          .gamma = buf[LAYERNORM_BWD_GAMMA],
                                          .m = s->m,
                                          .n = s->n,
                                          .ld_dsrc = s->n + s->pad,
                                          .ld_ddst = s->n + s->pad,
                                          .ld_src = s->n + s->pad,
                                          .add_data = flag(s, DATA),
                                          .add_weights = flag(s, WEIGHTS)});
}

/* x within e of a right result; anything where an infinity or an overflow leaves the order to decide. */
static void put(double *want, double *slack, size_t at, double x, double e, bool anything)
{
    const bool free = anything && !isnan(x);
    want[at] = free ? 0.0 : x;
    slack[at] = free ? INFINITY : isnan(x) ? 0.0 : e;
}

struct row {
    const float *x, *ddst, *gamma;
    double mean, rstd;
    double k1, k2, a, b, away; /* away: mean of |d| */
    bool anything;
};

static void row_sums(struct row *r, size_t n)
{
    double g_size = 0.0, gd_size = 0.0, far = 0.0;
    for (size_t j = 0; j < n; j++) {
        const double g = (double)r->ddst[j] * (double)r->gamma[j], d = (double)r->x[j] - r->mean;
        r->k1 += g;
        r->k2 += g * d;
        g_size += fabs(g);
        gd_size += fabs(g * d);
        far = fmax(far, fabs(d));
        r->away += fabs(d) / (double)n;
    }
    r->k1 *= r->rstd / (double)n;
    r->k2 *= r->rstd * r->rstd / (double)n;
    r->a = fabs(r->rstd) * g_size / (double)n;
    r->b = r->rstd * r->rstd * gd_size / (double)n;
    r->anything = bound_overflows(far, 1) || bound_overflows(g_size, n) ||
                  bound_overflows(gd_size, n) || bound_overflows(r->a, n + 3) ||
                  bound_overflows(r->b, n + 3);
}

static void want_data(const struct shape *s, void *const buf[], double *want, double *slack)
{
    const double u = 0x1p-24;
    const size_t ld = s->n + s->pad, steps = (s->n + 31) / 32 + 15;
    for (size_t i = 0; i < s->m; i++) {
        struct row r = {.x = (const float *)buf[LAYERNORM_BWD_SRC] + i * ld,
                        .ddst = (const float *)buf[LAYERNORM_BWD_DDST] + i * ld,
                        .gamma = buf[LAYERNORM_BWD_GAMMA],
                        .mean = (double)((const float *)buf[LAYERNORM_BWD_MEAN])[i],
                        .rstd = (double)((const float *)buf[LAYERNORM_BWD_RSTD])[i]};
        row_sums(&r, s->n);
        const double q = fabs(r.rstd), tiny = q * q * (r.away + 2.0) + q + 1.0;
        for (size_t j = 0; j < s->n; j++) {
            const double h = ((double)r.x[j] - r.mean) * r.rstd;
            const double direct = (double)r.ddst[j] * (double)r.gamma[j] * r.rstd;
            const double size = r.a + fabs(h) * r.b;
            double v = direct - (h * r.k2 + r.k1);
            double e = bound_gamma(steps) * size + bound_gamma(3) * fabs(direct) +
                       0x1p-149 * (3.0 * q + 3.0 + fabs(h) * tiny + r.b);
            bool anything = r.anything || bound_overflows(size + fabs(direct), 3);
            if (flag(s, DATA)) {
                v += (double)((const float *)buf[LAYERNORM_BWD_DSRC])[i * ld + j];
                e += u * (fabs(v) + e) + 0x1p-52 * (fabs(v) + fabs(direct) + size);
            }
            put(want, slack, i * s->n + j, v, e, anything);
        }
    }
}

static void want_weights(const struct shape *s, void *const buf[], double *const want[],
                         double *const slack[])
{
    const size_t ld = s->n + s->pad;
    const size_t steps = layernorm_bwd_rows(s->m) + layernorm_bwd_blocks(s->m) + 1;
    const float *mean = buf[LAYERNORM_BWD_MEAN], *rstd = buf[LAYERNORM_BWD_RSTD];
    for (size_t j = 0; j < s->n; j++) {
        /* The sum over rows starts at +0: a -0 that it is added to becomes +0. */
        double gamma = 0.0, beta = 0.0;
        if (flag(s, WEIGHTS)) {
            gamma += (double)((const float *)buf[LAYERNORM_BWD_DGAMMA])[j];
            beta += (double)((const float *)buf[LAYERNORM_BWD_DBETA])[j];
        }
        double gamma_size = fabs(gamma), beta_size = isinf(beta) ? 0.0 : fabs(beta), tiny = 0.0;
        bool far = false;
        for (size_t i = 0; i < s->m; i++) {
            const double x = (double)((const float *)buf[LAYERNORM_BWD_SRC])[i * ld + j];
            const double dy = (double)((const float *)buf[LAYERNORM_BWD_DDST])[i * ld + j];
            const double h = (x - (double)mean[i]) * (double)rstd[i];
            far = far || bound_overflows(fabs(x - (double)mean[i]), 1);
            gamma += dy * h;
            beta += dy;
            gamma_size += fabs(dy * h);
            beta_size += isinf(dy) ? 0.0 : fabs(dy);
            tiny += fabs(dy) + 1.0;
        }
        put(want[LAYERNORM_BWD_DGAMMA], slack[LAYERNORM_BWD_DGAMMA], j, gamma,
            bound_gamma(steps + 3) * gamma_size + 0x1p-149 * tiny,
            far || bound_overflows(gamma_size, steps + 3));
        put(want[LAYERNORM_BWD_DBETA], slack[LAYERNORM_BWD_DBETA], j, beta,
            bound_gamma(steps) * beta_size, bound_overflows(beta_size, steps));
    }
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    want_data(s, buf, want[LAYERNORM_BWD_DSRC], slack[LAYERNORM_BWD_DSRC]);
    want_weights(s, buf, want, slack);
}

/* layernorm_fwd; beta, which no gradient depends on, is where its gradient will be. */
static uint64_t forward(const struct shape *s, const double *const x[], double *dst)
{
    const double *gamma = x[LAYERNORM_BWD_GAMMA], *beta = x[LAYERNORM_BWD_DBETA];
    const double n = (double)s->n;
    for (size_t i = 0; i < s->m; i++) {
        const double *src = x[LAYERNORM_BWD_SRC] + i * s->n;
        double mean = 0.0, square = 0.0;
        for (size_t j = 0; j < s->n; j++) mean += src[j] / n;
        for (size_t j = 0; j < s->n; j++) square += (src[j] - mean) * (src[j] - mean) / n;
        const double rstd = 1.0 / sqrt(square + (double)LAYERNORM_BWD_SPEC_EPS);
        for (size_t j = 0; j < s->n; j++)
            dst[i * s->n + j] = (src[j] - mean) * rstd * gamma[j] + beta[j];
    }
    return 0;
}

static const struct grad_pair pairs[] = {{LAYERNORM_BWD_SRC, LAYERNORM_BWD_DSRC},
                                         {LAYERNORM_BWD_GAMMA, LAYERNORM_BWD_DGAMMA},
                                         {LAYERNORM_BWD_DBETA, LAYERNORM_BWD_DBETA}};
static const struct grad grad = {.ddst = LAYERNORM_BWD_DDST,
                                 .pairs = pairs,
                                 .count = sizeof pairs / sizeof *pairs,
                                 .forward = forward};

static double flops(const struct shape *s)
{
    return 15.0 * (double)s->m * (double)s->n;
}
static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n;
    return 4.0 *
           (m * n * (flag(s, DATA) ? 4.0 : 3.0) + 2.0 * m + n * (flag(s, WEIGHTS) ? 5.0 : 3.0));
}

const struct kernel_spec layernorm_bwd_spec = {
    .name = "layernorm_bwd",
    .flag_names = {"add_data", "add_weights"},
    .formula = "dsrc = rstd (g - mean g - h mean g h), g = ddst gamma; dgamma = ddst' h, dbeta",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILLS_ALL,
    .same_words = true,
    .aliases = aliases,
    .alias_count = sizeof aliases / sizeof *aliases,
    .operands = operands,
    .prepare = prepare,
    .call = call,
    .oracle = oracle,
    .grad = &grad,
    .flops = flops,
    .bytes = bytes,
};
