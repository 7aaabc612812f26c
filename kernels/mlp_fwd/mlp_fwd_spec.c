#include <math.h>

#include "../base/bound.h"
#include "../base/par.h"
#include "../kernel.h"
#include "mlp_fwd.h"

enum { LINEAR = MLP_FWD_FLAG_LINEAR_OUT, PINGPONG = MLP_FWD_FLAG_PINGPONG };

static const struct shape check_shapes[] = {
    {.m = 3, .n = 5, .k = 4, .depth = 0},
    {.m = 0, .n = 5, .k = 4, .depth = 2},
    {.m = 3, .n = 0, .k = 4, .depth = 2},
    {.m = 3, .n = 5, .k = 0, .depth = 2},
    {.m = 1, .n = 1, .k = 1, .depth = 1},
    {.m = 1, .n = 33, .k = 7, .depth = 3, .flags = LINEAR},
    {.m = 5, .n = 40, .k = 40, .depth = 4, .pad = 3, .flags = PINGPONG},
    {.m = 7, .n = 17, .k = 50, .depth = 1, .flags = PINGPONG | LINEAR},
    {.m = 13, .n = 64, .k = 10, .depth = 5, .pad = 1},
    {.m = 61, .n = 70, .k = 64, .depth = 6, .flags = LINEAR | PINGPONG},
    {.m = 150, .n = 48, .k = 48, .depth = 4, .flags = LINEAR},
    {.m = 2, .n = 300, .k = 280, .depth = 3, .pad = 5},
    {.m = 15, .n = 272, .k = 272, .depth = 3, .flags = PINGPONG},
    {.m = 9, .n = 32, .k = 32, .depth = 16, .scale = 0.5f},
    {.m = 9, .n = 32, .k = 32, .depth = 16, .scale = 2.0f},
    {.m = 5, .n = 24, .k = 24, .depth = 48, .scale = 10.0f}, /* overflows, then vanishes */
    {.m = 70, .n = 24, .k = 24, .depth = 48, .scale = 10.0f, .flags = LINEAR},
    {.m = 5, .n = 24, .k = 24, .depth = 20, .scale = 0.001f},
};

#define BATCHES(width)                                                                             \
    {.m = 1, .n = width, .k = width, .depth = 16}, {.m = 32, .n = width, .k = width, .depth = 16}, \
    {                                                                                              \
        .m = 256, .n = width, .k = width, .depth = 16                                              \
    }
static const struct shape bench_shapes[] = {BATCHES(64), BATCHES(256), BATCHES(1024)};

static bool flag(const struct shape *s, unsigned bit)
{
    return s->flags & bit;
}
static size_t kept(const struct shape *s)
{
    return flag(s, PINGPONG) && s->depth > 2 ? 2 : s->depth;
}
static size_t inputs(const struct shape *s)
{
    return s->depth ? s->k + (s->depth - 1) * s->n : 0;
}

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t n = s->n, ld = n + s->pad, packed = mlp_fwd_layer(s->k, n, s->depth);
    const float scale = s->scale == 0.0f ? 1.0f : s->scale;
    const float gain = scale * sqrtf(2.0f / (float)(n ? n : 1));
    op[MLP_FWD_ACTS] = (struct operand){"acts", ROLE_OUT, TYPE_F32, kept(s) * s->m, n, ld, 0};
    op[MLP_FWD_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, s->m, s->k, s->k + s->pad, 0};
    op[MLP_FWD_W] = (struct operand){"w", ROLE_IN, TYPE_F32, inputs(s), n, ld, gain};
    op[MLP_FWD_BIAS] = (struct operand){"bias", ROLE_IN, TYPE_F32, s->depth, n, n, 0.1f};
    op[MLP_FWD_PACKED] =
        (struct operand){"packed", ROLE_PACKED, TYPE_F32, packed ? 1 : 0, packed, packed, 0};
    return 5;
}

static size_t first_row(const struct shape *s, size_t l)
{
    return l ? s->k + (l - 1) * s->n : 0;
}

static void prepare(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    const size_t ld = s->n + s->pad;
    float *packed = buf[MLP_FWD_PACKED];
    const float *w = buf[MLP_FWD_W];
    for (size_t l = 0; l < s->depth; l++) {
        const struct dense_pack a = {.dst = packed + mlp_fwd_layer(s->k, s->n, l),
                                     .w = w + first_row(s, l) * ld,
                                     .k = l ? s->n : s->k,
                                     .n = s->n,
                                     .ld_w = ld};
        set->dense_pack(&a);
    }
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    const struct mlp_fwd a = {.acts = buf[MLP_FWD_ACTS],
                              .src = buf[MLP_FWD_SRC],
                              .w = buf[MLP_FWD_PACKED],
                              .bias = buf[MLP_FWD_BIAS],
                              .m = s->m,
                              .n = s->n,
                              .k = s->k,
                              .depth = s->depth,
                              .ld_acts = s->n + s->pad,
                              .ld_src = s->k + s->pad,
                              .linear_out = flag(s, LINEAR),
                              .pingpong = flag(s, PINGPONG)};
    mlp_fwd(set, threads, &a);
}

static double flops(const struct shape *s)
{
    return 2.0 * (double)s->m * (double)s->n * (double)inputs(s);
}

struct layer {
    const struct shape *s;
    void *const *buf;
    double *want, *slack; /* of all activations */
    size_t l;
};

static size_t row_of(const struct layer *y, size_t l, size_t i)
{
    return ((flag(y->s, PINGPONG) ? l % 2 : l) * y->s->m + i) * y->s->n;
}

/* What element j of row i of layer l adds up to without signs. */
static double magnitude(const struct layer *y, size_t i, size_t j)
{
    const struct shape *s = y->s;
    const float *src = y->buf[MLP_FWD_SRC];
    const float *w = (const float *)y->buf[MLP_FWD_W] + first_row(s, y->l) * (s->n + s->pad);
    double mag = fabs((double)((const float *)y->buf[MLP_FWD_BIAS])[y->l * s->n + j]);
    for (size_t p = 0; p < (y->l ? s->n : s->k); p++) {
        const size_t at = y->l ? row_of(y, y->l - 1, i) + p : 0;
        const double h =
            y->l ? fabs(y->want[at]) + y->slack[at] : fabs((double)src[i * (s->k + s->pad) + p]);
        mag += h * fabs((double)w[p * (s->n + s->pad) + j]);
    }
    return mag;
}

/* Where a sum may overflow in f32, or takes what may have, its result is anything. */
static void free_overflow(const struct layer *y, size_t i, double *next, double *bound)
{
    const size_t n = y->s->n, k = y->l ? n : y->s->k;
    for (size_t j = 0; j < n; j++) {
        /* bound >= gamma * magnitude: mostly that says enough. */
        if (!bound_overflows(bound[j] / bound_gamma(k), k)) continue;
        if (isfinite(bound[j]) && !bound_overflows(magnitude(y, i, j), k)) continue;
        next[j] = 0.0;
        bound[j] = INFINITY;
    }
}

/* Rows of the batch through layer l: values and bounds of the layer before become those of this. */
ORACLE_WIDE static void oracle_rows(size_t begin, size_t end, void *ctx)
{
    const struct layer *y = ctx;
    const struct shape *s = y->s;
    const float *src = y->buf[MLP_FWD_SRC];
    const float *w = (const float *)y->buf[MLP_FWD_W] + first_row(s, y->l) * (s->n + s->pad);
    const float *bias = (const float *)y->buf[MLP_FWD_BIAS] + y->l * s->n;
    const size_t n = s->n, k = y->l ? n : s->k;
    const double gamma = bound_gamma(k);
    const bool relu = !(flag(s, LINEAR) && y->l + 1 == s->depth);
    for (size_t i = begin; i < end; i++) {
        double *restrict next = y->want + row_of(y, y->l, i);
        double *restrict bound = y->slack + row_of(y, y->l, i);
        for (size_t j = 0; j < n; j++) {
            next[j] = (double)bias[j];
            bound[j] = gamma * fabs(next[j]) + (double)k * 0x1p-149;
        }
        for (size_t p = 0; p < k; p++) {
            const size_t at = y->l ? row_of(y, y->l - 1, i) + p : 0;
            const double h = y->l ? y->want[at] : (double)src[i * (k + s->pad) + p];
            const double e = y->l ? y->slack[at] : 0.0;
            const double each = e + gamma * (fabs(h) + e);
            const float *row = w + p * (n + s->pad);
            for (size_t j = 0; j < n; j++) {
                next[j] += h * (double)row[j];
                bound[j] += each * fabs((double)row[j]);
            }
        }
        free_overflow(y, i, next, bound);
        for (size_t j = 0; j < n; j++)
            if (relu && next[j] < 0.0) next[j] = 0.0;
    }
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const int threads = bound_threads(flops(s));
    for (size_t l = 0; l < s->depth; l++) {
        struct layer y = {s, buf, want[MLP_FWD_ACTS], slack[MLP_FWD_ACTS], l};
        par_each(threads, s->m, 1, oracle_rows, &y);
    }
}

static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n;
    return 4.0 * (m * (double)s->k + n * (double)(inputs(s) + s->depth) + m * n * (double)kept(s));
}

/* Sums of sums overflow or stop being exact within a few layers: huge, exact and special contents say no
 * more here than in dense_fwd. */
const struct kernel_spec mlp_fwd_spec = {
    .name = "mlp_fwd",
    .flag_names = {"linear_out", "pingpong"},
    .formula = "h <- relu(h w_l + bias_l), depth times",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILL_BIT(FILL_UNIT) | FILL_BIT(FILL_TINY) | FILL_BIT(FILL_NEG),
    .same_words = true,
    .operands = operands,
    .prepare = prepare,
    .call = call,
    .oracle = oracle,
    .flops = flops,
    .bytes = bytes,
};
