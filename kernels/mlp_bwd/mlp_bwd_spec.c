#include <math.h>
#include <stdlib.h>

#include "../base/bound.h"
#include "../base/sums.h"
#include "../kernel.h"
#include "base/status.h"
#include "mlp_bwd.h"

enum {
    LINEAR_OUT = MLP_BWD_FLAG_LINEAR_OUT,
    UPDATE = MLP_BWD_FLAG_UPDATE,
    NODSRC = MLP_BWD_FLAG_NODSRC
};

#define EACH_FLAG(...)                                                                             \
    {__VA_ARGS__}, {__VA_ARGS__, .flags = LINEAR_OUT}, {__VA_ARGS__, .flags = UPDATE},             \
    {                                                                                              \
        __VA_ARGS__, .flags = UPDATE | LINEAR_OUT | NODSRC                                         \
    }
static const struct shape check_shapes[] = {
    EACH_FLAG(.m = 3, .n = 5, .k = 4, .depth = 0, .scale = 0.1f),
    EACH_FLAG(.m = 0, .n = 5, .k = 4, .depth = 2, .scale = 0.1f),
    EACH_FLAG(.m = 3, .n = 0, .k = 4, .depth = 1, .scale = 0.1f),
    EACH_FLAG(.m = 3, .n = 21, .k = 0, .depth = 2, .scale = 0.1f),
    EACH_FLAG(.m = 1, .n = 1, .k = 1, .depth = 1, .scale = 0.1f),
    EACH_FLAG(.m = 4, .n = 18, .k = 6, .depth = 3, .pad = 1, .scale = 0.01f),
    EACH_FLAG(.m = 1, .n = 37, .k = 19, .depth = 3, .scale = 0.01f),
    EACH_FLAG(.m = 7, .n = 39, .k = 53, .depth = 2, .pad = 3, .scale = 0.01f),
    EACH_FLAG(.m = 32, .n = 64, .k = 64, .depth = 3, .scale = 0.001f),
    EACH_FLAG(.m = 5, .n = 275, .k = 150, .depth = 2, .scale = 0.001f),
    EACH_FLAG(.m = 530, .n = 150, .k = 130, .depth = 1, .scale = 0.001f),
    EACH_FLAG(.m = 7, .n = 24, .k = 24, .depth = 5, .scale = 1e38f), /* steps overflow */
};

#define BATCHES(width)                                                                             \
    {.m = 1, .n = width, .k = width, .depth = 16, .scale = 1e-3f, .flags = UPDATE},                \
        {.m = 32, .n = width, .k = width, .depth = 16, .scale = 1e-3f, .flags = UPDATE},           \
    {                                                                                              \
        .m = 256, .n = width, .k = width, .depth = 16, .scale = 1e-3f, .flags = UPDATE             \
    }
static const struct shape bench_shapes[] = {BATCHES(64), BATCHES(256), BATCHES(1024)};

static bool flag(const struct shape *s, unsigned bit)
{
    return s->flags & bit;
}

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t m = s->m, n = s->n, k = s->k, pad = s->pad, depth = s->depth, wide = n + pad;
    const size_t rows = depth ? k + (depth - 1) * n : 0, packed = mlp_bwd_layer(k, n, depth);
    const size_t scratch = mlp_bwd_scratch(m, n);
    const bool update = flag(s, UPDATE);
    const float gain = sqrtf(2.0f / (float)(n ? n : 1));
    op[MLP_BWD_DW] = (struct operand){"dw", ROLE_OUT, TYPE_F32, update ? 0 : rows, n, wide, 0};
    op[MLP_BWD_DB] = (struct operand){"db", ROLE_OUT, TYPE_F32, depth, n, n, 0};
    op[MLP_BWD_DSRC] = (struct operand){
        "dsrc", ROLE_OUT, TYPE_F32, depth && !flag(s, NODSRC) ? m : 0, k, k + pad, 0};
    op[MLP_BWD_DDST] = (struct operand){"ddst", ROLE_IN, TYPE_F32, m, n, wide, 0};
    op[MLP_BWD_ACTS] = (struct operand){"acts", ROLE_IN, TYPE_F32, depth * m, n, wide, 0};
    op[MLP_BWD_W] = (struct operand){"w", ROLE_IN, TYPE_F32, update ? 0 : rows, n, wide, gain};
    op[MLP_BWD_PACKED] = (struct operand){
        "packed", update ? ROLE_INOUT : ROLE_PACKED, TYPE_F32, packed ? 1 : 0, packed, packed,
        gain};
    op[MLP_BWD_SCRATCH] =
        (struct operand){"scratch", ROLE_SCRATCH, TYPE_F32, 1, scratch, scratch, 0};
    op[MLP_BWD_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, m, k, k + pad, 0};
    op[MLP_BWD_BIAS] = (struct operand){"bias", ROLE_INOUT, TYPE_F32, update ? depth : 0, n, n, 0};
    return 10;
}

static void prepare(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    if (flag(s, UPDATE)) return;
    for (size_t l = 0; l < s->depth; l++) {
        const size_t first = l ? s->k + (l - 1) * s->n : 0, ld = s->n + s->pad;
        const struct dense_pack a = {(float *)buf[MLP_BWD_PACKED] + mlp_bwd_layer(s->k, s->n, l),
                                     (const float *)buf[MLP_BWD_W] + first * ld,
                                     l ? s->n : s->k,
                                     s->n,
                                     ld,
                                     false};
        set->dense_pack(&a);
    }
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    const bool update = flag(s, UPDATE);
    const struct mlp_bwd a = {.dw = update ? NULL : buf[MLP_BWD_DW],
                              .db = buf[MLP_BWD_DB],
                              .dsrc = flag(s, NODSRC) ? NULL : buf[MLP_BWD_DSRC],
                              .ddst = buf[MLP_BWD_DDST],
                              .acts = buf[MLP_BWD_ACTS],
                              .src = buf[MLP_BWD_SRC],
                              .w = buf[MLP_BWD_PACKED],
                              .bias = update ? buf[MLP_BWD_BIAS] : NULL,
                              .scratch = buf[MLP_BWD_SCRATCH],
                              .m = s->m,
                              .n = s->n,
                              .k = s->k,
                              .depth = s->depth,
                              .ld_dw = s->n + s->pad,
                              .ld_dsrc = s->k + s->pad,
                              .ld_ddst = s->n + s->pad,
                              .ld_acts = s->n + s->pad,
                              .ld_src = s->k + s->pad,
                              .lr = s->scale,
                              .linear_out = flag(s, LINEAR_OUT),
                              .update = update};
    mlp_bwd(set, threads, &a);
}

/* From a gradient to the word after the step. */
static void step(double *x, double *e, double old, double lr)
{
    const double mag = fabs(old) + fabs(lr * *x) + fabs(lr) * *e, to = old - lr * *x;
    struct near v = NEAR_ANYTHING;
    if (isnan(to) || (isinf(to) && !isinf(*e)))
        v = (struct near){to, 0.0};
    else if (!bound_overflows(mag, 2))
        v = (struct near){to, fabs(lr) * *e + (0x1p-24 + 0x1p-51) * (fabs(to) + fabs(lr) * *e) +
                                  0x1p-51 * fabs(lr * *x) + 0x1p-150};
    *x = v.x;
    *e = v.e;
}

/* A matrix of values and how far a right result may be from them. */
struct grads {
    double *x, *e;
};
struct layer {
    const struct shape *s;
    void *const *buf;
    size_t l, rows, first; /* first: of its rows in dw and w */
    struct factor h, w;    /* its inputs, m x rows; its weights, rows x n */
    struct factor z;       /* gradients of its outputs, m x n */
};

static struct layer layer_of(const struct shape *s, void *const buf[], size_t l, struct grads z)
{
    const size_t n = s->n, ld = n + s->pad;
    const size_t rows = l ? n : s->k, first = l ? s->k + (l - 1) * n : 0;
    const float *plain = (const float *)buf[MLP_BWD_W] + first * ld;
    const float *packed = (const float *)buf[MLP_BWD_PACKED] + mlp_bwd_layer(s->k, n, l);
    const float *acts = (const float *)buf[MLP_BWD_ACTS] + (l - (l > 0)) * s->m * ld;
    struct layer y = {s,    buf,   l,
                      rows, first, .z = {.x = z.x, .e = z.e, .at = {.row = n, .col = 1}}};
    y.h = (struct factor){.exact = l ? acts : buf[MLP_BWD_SRC],
                          .at = {.row = l ? ld : s->k + s->pad, .col = 1}};
    if (flag(s, UPDATE))
        y.w =
            (struct factor){.exact = packed, .at = {.row = 16, .col = 1, .col16 = 16 * rows - 16}};
    else
        y.w = (struct factor){.exact = plain, .at = {.row = ld, .col = 1}};
    return y;
}

static void want_bias(const struct layer *y, double *const want[], double *const slack[])
{
    static const float one = 1.0f;
    const struct shape *s = y->s;
    const size_t from = y->l * s->n;
    const float *old = (const float *)y->buf[MLP_BWD_BIAS] + from;
    double *x = want[MLP_BWD_DB] + from, *e = slack[MLP_BWD_DB] + from;
    sums(&(struct sums){.m = 1,
                        .n = s->n,
                        .k = s->m,
                        .a = {.exact = &one},
                        .b = y->z,
                        .x = x,
                        .e = e,
                        .at = {.col = 1},
                        .chained = true});
    for (size_t j = 0; j < s->n && flag(s, UPDATE); j++) {
        double *to = want[MLP_BWD_BIAS] + from + j, *off = slack[MLP_BWD_BIAS] + from + j;
        *to = x[j];
        *off = e[j];
        step(to, off, (double)old[j], (double)s->scale);
    }
}

/* dw, or the weights after the step. */
static void want_weights(const struct layer *y, double *const want[], double *const slack[])
{
    const struct shape *s = y->s;
    const bool update = flag(s, UPDATE);
    const size_t n = s->n, to = update ? MLP_BWD_PACKED : MLP_BWD_DW;
    const size_t from = update ? mlp_bwd_layer(s->k, n, y->l) : y->first * n;
    double *x = want[to] + from, *e = slack[to] + from;
    const struct place at = update ? y->w.at : (struct place){.row = n, .col = 1};
    sums(&(struct sums){.m = y->rows,
                        .n = n,
                        .k = s->m,
                        .a = factor_transpose(y->h),
                        .b = y->z,
                        .x = x,
                        .e = e,
                        .at = at,
                        .chained = true});
    for (size_t p = 0; p < y->rows && update; p++)
        for (size_t j = 0; j < (n + 15) / 16 * 16; j++) {
            const size_t i = place_at(&at, p, j);
            const double old = (double)y->w.exact[i];
            if (j < n) {
                step(x + i, e + i, old, (double)s->scale);
                continue;
            }
            x[i] = old; /* padding keeps its word */
            e[i] = 0.0;
        }
}

/* The gradient of the layer's input, masked where that was the output of a ReLU. */
static void want_data(const struct layer *y, struct grads d)
{
    sums(&(struct sums){.m = y->s->m,
                        .n = y->rows,
                        .k = y->s->n,
                        .a = y->z,
                        .b = factor_transpose(y->w),
                        .x = d.x,
                        .e = d.e,
                        .at = {.row = y->rows, .col = 1},
                        .chained = true});
    for (size_t i = 0; i < y->s->m && y->l; i++)
        for (size_t p = 0; p < y->rows; p++)
            if (y->h.exact[place_at(&y->h.at, i, p)] <= 0.0f)
                d.x[i * y->rows + p] = d.e[i * y->rows + p] = 0.0;
}

/* z of the last layer: ddst, masked. */
static void start(const struct shape *s, void *const buf[], struct grads z)
{
    const size_t m = s->m, n = s->n, ld = n + s->pad;
    for (size_t i = 0; i < m && s->depth; i++)
        for (size_t j = 0; j < n; j++) {
            const float h = ((const float *)buf[MLP_BWD_ACTS])[((s->depth - 1) * m + i) * ld + j];
            const bool off = !flag(s, LINEAR_OUT) && h <= 0.0f;
            z.x[i * n + j] = off ? 0.0 : (double)((const float *)buf[MLP_BWD_DDST])[i * ld + j];
            z.e[i * n + j] = 0.0;
        }
}

static double weights_of(const struct shape *s)
{
    const double n = (double)s->n, k = (double)s->k;
    return s->depth ? n * (k + (double)(s->depth - 1) * n) : 0.0;
}
static double flops(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n, k = (double)s->k, depth = (double)s->depth;
    return 4.0 * m * weights_of(s) - (flag(s, NODSRC) && s->depth ? 2.0 * m * n * k : 0.0) +
           depth * m * n + (flag(s, UPDATE) ? 2.0 * (weights_of(s) + depth * n) : 0.0);
}
static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n, k = (double)s->k, depth = (double)s->depth;
    const double data = m * n + depth * m * n + m * k + (flag(s, NODSRC) ? 0.0 : m * k);
    return 4.0 * (data + 2.0 * weights_of(s) + (flag(s, UPDATE) ? 3.0 : 1.0) * depth * n);
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const size_t m = s->m, n = s->n, k = s->k, most = m * (n > k ? n : k);
    double *at = calloc(4 * most + 1, sizeof *at);
    if (!at) out_of_memory();
    struct grads z = {at, at + most}, d = {at + 2 * most, at + 3 * most};
    start(s, buf, z);
    for (size_t l = s->depth; l-- > 0;) {
        const struct layer y = layer_of(s, buf, l, z);
        want_bias(&y, want, slack);
        want_weights(&y, want, slack);
        if (l == 0 && flag(s, NODSRC)) break;
        if (l == 0) d = (struct grads){want[MLP_BWD_DSRC], slack[MLP_BWD_DSRC]};
        want_data(&y, d);
        const struct grads was = z;
        z = d;
        d = was;
    }
    free(at);
}

/* Row p, column j of layer l's weights, from their plain or their packed form. */
static double weight(const struct shape *s, const double *const x[], size_t l, size_t p, size_t j)
{
    const size_t rows = l ? s->n : s->k, first = l ? s->k + (l - 1) * s->n : 0;
    if (!flag(s, UPDATE)) return x[MLP_BWD_W][(first + p) * s->n + j];
    return x[MLP_BWD_PACKED][mlp_bwd_layer(s->k, s->n, l) + (j / 16 * rows + p) * 16 + j % 16];
}

/* mlp_fwd, every layer's outputs to acts + l m n; returns the sides of its kinks. */
static uint64_t layers(const struct shape *s, const double *const x[], double *acts)
{
    const double *h = x[MLP_BWD_SRC], *bias = x[MLP_BWD_BIAS];
    uint64_t sides = 0;
    for (size_t l = 0; l < s->depth; l++) {
        const size_t rows = l ? s->n : s->k;
        const bool linear = l + 1 == s->depth && flag(s, LINEAR_OUT);
        double *out = acts + l * s->m * s->n;
        for (size_t i = 0; i < s->m; i++)
            for (size_t j = 0; j < s->n; j++) {
                double z = bias[l * s->n + j];
                for (size_t p = 0; p < rows; p++) z += h[i * rows + p] * weight(s, x, l, p, j);
                const bool off = !linear && z <= 0.0;
                sides = 3 * sides + off;
                out[i * s->n + j] = off ? 0.0 : z;
            }
        h = out;
    }
    return sides;
}

static double *all_acts(const struct shape *s)
{
    double *acts = malloc(s->depth * s->m * s->n * sizeof *acts + 1);
    if (!acts) out_of_memory();
    return acts;
}

static uint64_t forward(const struct shape *s, const double *const x[], double *dst)
{
    const size_t layer = s->m * s->n;
    double *acts = all_acts(s);
    const uint64_t sides = layers(s, x, acts);
    for (size_t e = 0; e < layer; e++) dst[e] = acts[(s->depth - 1) * layer + e];
    free(acts);
    return sides;
}

static void settle(const struct shape *s, void *const buf[], double *const x[])
{
    float *to = buf[MLP_BWD_ACTS];
    double *acts = all_acts(s);
    layers(s, (const double *const *)x, acts);
    for (size_t r = 0; r < s->depth * s->m; r++)
        for (size_t j = 0; j < s->n; j++) to[r * (s->n + s->pad) + j] = (float)acts[r * s->n + j];
    free(acts);
}

static const struct grad_pair pairs[] = {
    {MLP_BWD_SRC, MLP_BWD_DSRC}, {MLP_BWD_W, MLP_BWD_DW}, {MLP_BWD_BIAS, MLP_BWD_DB}};
static const struct grad grad = {.ddst = MLP_BWD_DDST,
                                 .pairs = pairs,
                                 .count = sizeof pairs / sizeof *pairs,
                                 .settle = settle,
                                 .forward = forward};

const struct kernel_spec mlp_bwd_spec = {
    .name = "mlp_bwd",
    .flag_names = {"linear_out", "update", "nodsrc"},
    .formula = "dw_l = h_l' z_l, db_l, d_l = z_l w_l', l = depth-1 .. 0; update: w_l -= lr dw_l",
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
    .grad = &grad,
    .flops = flops,
    .bytes = bytes,
};
