#include <math.h>

#include "../base/sums.h"
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
    const float gain = shape_scale(s) * sqrtf(2.0f / (float)(n ? n : 1));
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

/* Where the rows of layer l begin in the outputs without gaps. */
static size_t first_out(const struct shape *s, size_t l)
{
    return (flag(s, PINGPONG) ? l % 2 : l) * s->m * s->n;
}

/* Below 0 by more than twice what a right sum may be off, which is what a twin may be: 0 for certain. */
static struct near relu(struct near h)
{
    if (!(h.x < 0.0)) return h;
    return (struct near){0.0, h.x + 2.0 * h.e < 0.0 ? 0.0 : h.e};
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const size_t m = s->m, n = s->n, pad = s->pad;
    for (size_t l = 0; l < s->depth; l++) {
        double *x = want[MLP_FWD_ACTS] + first_out(s, l),
               *e = slack[MLP_FWD_ACTS] + first_out(s, l);
        const size_t before = first_out(s, l - (l > 0));
        const struct factor src = {.exact = buf[MLP_FWD_SRC], .at = {.row = s->k + pad, .col = 1}};
        const struct factor h = {.x = want[MLP_FWD_ACTS] + before,
                                 .e = slack[MLP_FWD_ACTS] + before,
                                 .at = {.row = n, .col = 1}};
        const float *w = (const float *)buf[MLP_FWD_W] + first_row(s, l) * (n + pad);
        sums(&(struct sums){.m = m,
                            .n = n,
                            .k = l ? n : s->k,
                            .a = l ? h : src,
                            .b = {.exact = w, .at = {.row = n + pad, .col = 1}},
                            .start = (const float *)buf[MLP_FWD_BIAS] + l * n,
                            .start_at = {.col = 1},
                            .x = x,
                            .e = e,
                            .at = {.row = n, .col = 1},
                            .chained = true});
        if (flag(s, LINEAR) && l + 1 == s->depth) continue;
        for (size_t i = 0; i < m * n; i++) {
            const struct near v = relu((struct near){x[i], e[i]});
            x[i] = v.x;
            e[i] = v.e;
        }
    }
}

static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n;
    return 4.0 * (m * (double)s->k + n * (double)(inputs(s) + s->depth) + m * n * (double)kept(s));
}

const struct kernel_spec mlp_fwd_spec = {
    .name = "mlp_fwd",
    .flag_names = {"linear_out", "pingpong"},
    .formula = "h <- relu(h w_l + bias_l), depth times",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILLS_ALL,
    .same_words = true,
    .operands = operands,
    .prepare = prepare,
    .call = call,
    .oracle = oracle,
    .flops = flops,
    .bytes = bytes,
};
