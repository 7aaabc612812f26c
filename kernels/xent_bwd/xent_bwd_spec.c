#include <assert.h>
#include <math.h>

#include "../base/bound.h"
#include "../kernel.h"
#include "../simd/math_bound.h"
#include "xent_bwd.h"

enum { SOFT = XENT_BWD_FLAG_SOFT };

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

/* There are no probs for a class a row: an alias of both would be of operands that differ. */
static const struct alias aliases[] = {{XENT_BWD_DSRC, XENT_BWD_SRC}};

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t m = s->m, n = s->n, ld = n + s->pad;
    const bool soft = s->flags & SOFT;
    op[XENT_BWD_DSRC] = (struct operand){"dsrc", ROLE_OUT, TYPE_F32, m, n, ld, 0};
    op[XENT_BWD_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, m, n, ld, 0};
    op[XENT_BWD_TARGET] =
        (struct operand){"target", ROLE_IN, TYPE_I32, soft ? 0 : 1, soft ? 0 : m, m, (float)n};
    op[XENT_BWD_PROBS] =
        (struct operand){"probs", ROLE_IN, TYPE_F32, soft ? m : 0, n, ld, -1.0f / (float)(n + 1)};
    op[XENT_BWD_LSE] = (struct operand){"lse", ROLE_PACKED, TYPE_F32, 1, m, m, 0};
    op[XENT_BWD_DLOSS] = (struct operand){"dloss", ROLE_IN, TYPE_F32, 1, m, m, 0};
    return 6;
}

/* The log-sum-exp, without the loss. */
static void prepare(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    float loss;
    for (size_t i = 0; i < s->m; i++) {
        const float *src = (const float *)buf[XENT_BWD_SRC] + i * (s->n + s->pad);
        set->xent_fwd(&(struct xent_fwd){.loss = &loss,
                                         .lse = (float *)buf[XENT_BWD_LSE] + i,
                                         .src = src,
                                         .probs = src,
                                         .m = 1,
                                         .n = s->n,
                                         .tau = shape_scale(s)});
    }
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    const bool soft = s->flags & SOFT;
    const size_t ld = s->n + s->pad;
    const enum status status =
        xent_bwd(set, threads,
                 &(struct xent_bwd){.dsrc = buf[XENT_BWD_DSRC],
                                    .src = buf[XENT_BWD_SRC],
                                    .lse = buf[XENT_BWD_LSE],
                                    .dloss = buf[XENT_BWD_DLOSS],
                                    .target = soft ? NULL : buf[XENT_BWD_TARGET],
                                    .probs = soft ? buf[XENT_BWD_PROBS] : NULL,
                                    .m = s->m,
                                    .n = s->n,
                                    .ld_dsrc = ld,
                                    .ld_src = ld,
                                    .ld_probs = ld,
                                    .tau = shape_scale(s)});
    assert(status == STATUS_OK);
    (void)status;
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const size_t n = s->n, ld = n + s->pad;
    const double u = 0x1p-24, tau = (double)shape_scale(s);
    const float *lse = buf[XENT_BWD_LSE], *probs = buf[XENT_BWD_PROBS],
                *dloss = buf[XENT_BWD_DLOSS];
    const int32_t *target = buf[XENT_BWD_TARGET];
    const bool soft = s->flags & SOFT;
    for (size_t i = 0; i < s->m; i++)
        for (size_t j = 0; j < n; j++) {
            const double x = (double)((const float *)buf[XENT_BWD_SRC])[i * ld + j] / tau;
            const double t = x - (double)lse[i], scale = (double)dloss[i] / tau;
            const double off = u * (fabs(x) + 3.0 * fabs(t)) * (1.0 + 4.0 * u);
            const double y = soft ? (double)probs[i * ld + j] : (double)((size_t)target[i] == j);
            const struct found e = found_exp(t > 0.0 ? 0.0 : t, off + 0x1p-149);
            const double exact = (e.exact - y) * scale;
            const double ends = fmax(fabs(e.lo - e.exact), fabs(e.hi - e.exact)) * fabs(scale);
            double *to = &want[XENT_BWD_DSRC][i * n + j],
                   *allowed = &slack[XENT_BWD_DSRC][i * n + j];
            *to = exact;
            /* A scale that is subnormal rounds by up to 2^-150, which a large probability multiplies. */
            const double tiny = 0x1p-149 * (1.0 + fabs(scale) + fabs(e.exact - y));
            *allowed = ends + (fabs(exact) + ends) * bound_gamma(4) + tiny;
            /* Infinity times what may be zero, and a scale that overflows before it meets a small factor. */
            const bool either = isinf(scale) && !(e.lo > y || e.hi < y);
            const bool far = isfinite(dloss[i]) && bound_overflows(fabs(scale), 1);
            if ((either || far) && !isnan(t)) *to = 0.0, *allowed = INFINITY;
        }
}

/* The losses of xent_fwd. */
static uint64_t forward(const struct shape *s, const double *const x[], double *loss)
{
    const double tau = (double)shape_scale(s);
    for (size_t i = 0; i < s->m; i++) {
        const double *src = x[XENT_BWD_SRC] + i * s->n;
        double sum = 0.0, at = 0.0;
        for (size_t j = 0; j < s->n; j++) {
            const double y = s->flags & SOFT ? x[XENT_BWD_PROBS][i * s->n + j]
                                             : (double)(x[XENT_BWD_TARGET][i] == (double)j);
            sum += exp(src[j] / tau);
            at += y * src[j] / tau;
        }
        loss[i] = log(sum) - at;
    }
    return 0;
}

static const struct grad_pair pairs[] = {{XENT_BWD_SRC, XENT_BWD_DSRC}};
static const struct grad grad = {.ddst = XENT_BWD_DLOSS,
                                 .pairs = pairs,
                                 .count = sizeof pairs / sizeof *pairs,
                                 .forward = forward};

static double flops(const struct shape *s)
{
    return (s->flags & SOFT ? 19.0 : 18.0) * (double)s->m * (double)s->n;
}
static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n;
    return s->flags & SOFT ? 4.0 * m * (3.0 * n + 2.0) : 4.0 * m * (2.0 * n + 3.0);
}

const struct kernel_spec xent_bwd_spec = {
    .name = "xent_bwd",
    .flag_names = {"soft"},
    .formula = "dsrc = (e^(src / tau - lse) - target) dloss / tau, by rows",
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
