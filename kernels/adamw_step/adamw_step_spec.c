#include <math.h>

#include "../kernel.h"
#include "adamw_step.h"

static const struct shape check_shapes[] = {
    {.n = 0, .scale = 1e-3f},    {.n = 1, .scale = 1e-3f},   {.n = 15, .scale = 0.5f},
    {.n = 16, .scale = 1e-4f},   {.n = 17, .scale = 1e-30f}, {.n = 63, .scale = 1.0f},
    {.n = 65, .scale = 10.0f},   {.n = 127, .scale = -0.1f}, {.n = 33, .scale = 0.0f},
    {.n = 70001, .scale = 1e-3f}};
static const struct shape bench_shapes[] = {{.n = 2000, .scale = 1e-3f},
                                            {.n = 16384, .scale = 1e-3f},
                                            {.n = 262144, .scale = 1e-3f},
                                            {.n = 786432, .scale = 1e-3f},
                                            {.n = 16777216, .scale = 1e-3f}};

static struct adamw_factors factors(const struct shape *s)
{
    return adamw_factors(&(struct adamw_options)ADAMW_STEP_SPEC((double)s->scale));
}

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t n = s->n;
    op[ADAMW_STEP_W] = (struct operand){"w", ROLE_INOUT, TYPE_F32, 1, n, n, 0};
    op[ADAMW_STEP_M] = (struct operand){"m", ROLE_INOUT, TYPE_F32, 1, n, n, 0};
    op[ADAMW_STEP_V] = (struct operand){"v", ROLE_INOUT, TYPE_F32, 1, n, n, -1.0f};
    op[ADAMW_STEP_DW] = (struct operand){"dw", ROLE_IN, TYPE_F32, 1, n, n, 0};
    return 4;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    adamw_step(set, threads,
               &(struct adamw_step){.w = buf[ADAMW_STEP_W],
                                    .m = buf[ADAMW_STEP_M],
                                    .v = buf[ADAMW_STEP_V],
                                    .dw = buf[ADAMW_STEP_DW],
                                    .n = s->n,
                                    .by = factors(s)});
}

/* A value, how far a right result may lie from it, and whether it may be infinite or finite by that. */
struct near {
    double x, e;
    bool either;
};

static const double U = 0x1p-24, TINY = 0x1p-150, OWN = 0x1p-50;

/* A result of magnitude x as f32 holds it: past FLT_MAX it is infinite. */
static struct near near_of(double x, double e)
{
    const double over = 0x1.ffffffp127; /* half an ulp past FLT_MAX rounds to infinity */
    const bool above = fabs(x) + e >= over, below = fabs(x) - e < over;
    if (!isfinite(x) || (above && !below))
        return (struct near){copysign(INFINITY, x) * fabs(x), 0.0, false};
    return (struct near){x, e, above};
}

static struct near want_m(const struct adamw_factors *by, double m, double g, double dg)
{
    const double old = (double)by->beta1 * m, fresh = (double)by->rest1 * g, x = old + fresh;
    const double e = U * fabs(x) + (U + OWN) * fabs(fresh) + fabs((double)by->rest1) * dg;
    return near_of(x, (1.0 + 4.0 * U) * e + OWN * fabs(old) + 2.0 * TINY);
}

static struct near want_v(const struct adamw_factors *by, double v, double g, double dg)
{
    const double old = (double)by->beta2 * v, fresh = (double)by->rest2 * g * g, x = old + fresh;
    const double e = U * x + 2.0 * U * fresh + (double)by->rest2 * (2.0 * fabs(g) + dg) * dg +
                     U * fabs(old) + 2.0 * TINY;
    return near_of(x, (1.0 + 4.0 * U) * e + OWN * x);
}

/* The quotient over all m and v that are right. */
static struct near quotient(const struct adamw_factors *by, struct near m, struct near v)
{
    const double root = (double)by->root, eps = (double)by->eps;
    const double x = m.x / (sqrt(v.x) * root + eps);
    if (!isfinite(m.x) || !isfinite(v.x)) return (struct near){x, 0.0, false};
    const double low = (sqrt(fmax(v.x - v.e, 0.0)) * root * (1.0 - U) + eps) * (1.0 - U);
    const double high = (sqrt(v.x + v.e) * root * (1.0 + U) + eps) * (1.0 + U);
    const double most = (fabs(m.x) + m.e) / low,
                 least = (fabs(m.x) - m.e) / (m.e < fabs(m.x) ? high : low);
    const double e = fmax(most - fabs(x), fabs(x) - least);
    return near_of(x, e + (U + OWN) * (fabs(x) + e) + TINY);
}

struct adamw_bound adamw_bound(const struct adamw_factors *by, const float old[ADAMW_STEP_DW],
                               double g, double dg)
{
    const struct near m = want_m(by, (double)old[ADAMW_STEP_M], g, dg);
    const struct near v = want_v(by, (double)old[ADAMW_STEP_V], g, dg);
    const struct near q = quotient(by, m, v);
    const double rate = (double)by->rate, kept = (double)by->keep * (double)old[ADAMW_STEP_W];
    const struct near keep = near_of(kept, U * fabs(kept) + TINY);
    const double x = keep.x - rate * q.x, e = fabs(rate) * q.e + keep.e;
    struct near w = near_of(x, e + (U + OWN) * (fabs(x) + e) + OWN * fabs(rate * q.x) + TINY);
    w.either |= m.either || v.either || q.either || keep.either;
    const struct near all[] = {[ADAMW_STEP_W] = w, [ADAMW_STEP_M] = m, [ADAMW_STEP_V] = v};
    struct adamw_bound to;
    for (int o = ADAMW_STEP_W; o <= ADAMW_STEP_V; o++) {
        const bool either = all[o].either && !isnan(all[o].x);
        to.want[o] = either ? 0.0 : all[o].x;
        to.slack[o] = either ? INFINITY : all[o].e;
    }
    return to;
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const struct adamw_factors by = factors(s);
    for (size_t i = 0; i < s->n; i++) {
        const float old[] = {((const float *)buf[ADAMW_STEP_W])[i],
                             ((const float *)buf[ADAMW_STEP_M])[i],
                             ((const float *)buf[ADAMW_STEP_V])[i]};
        const double g = (double)by.scale * (double)((const float *)buf[ADAMW_STEP_DW])[i];
        const struct adamw_bound to = adamw_bound(&by, old, g, U * fabs(g) + TINY);
        for (int o = ADAMW_STEP_W; o <= ADAMW_STEP_V; o++) {
            want[o][i] = to.want[o];
            slack[o][i] = to.slack[o];
        }
    }
}

static double flops(const struct shape *s)
{
    return 13.0 * (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 28.0 * (double)s->n;
}

const struct kernel_spec adamw_step_spec = {
    .name = "adamw_step",
    .formula = "m, v = moments of dw; w = (1 - lr decay) w - lr' m / (sqrt(v') + eps)",
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
