#include <math.h>
#include <stdlib.h>

#include "../base/bound.h"
#include "../base/par.h"
#include "../kernel.h"
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

/* A value and how far a right result may be from it; anything after what may have overflowed. */
struct near {
    double x, e;
};
static const struct near ANYTHING = {0.0, INFINITY};
static struct near step_of(double old, double lr, struct near g)
{
    const double x = old - lr * g.x, e = fabs(lr) * g.e;
    if (bound_overflows(fabs(old) + fabs(lr * g.x) + e, 2)) return ANYTHING;
    return (struct near){x, e + (0x1p-24 + 0x1p-51) * (fabs(x) + e) + 0x1p-51 * fabs(lr * g.x) +
                                0x1p-150};
}

/* Gradients of a layer's outputs, m x n: values and how far a right result may be from them. */
struct grads {
    double *x, *e;
};
struct layer {
    const struct shape *s;
    void *const *buf;
    double *const *want, *const *slack;
    size_t l, rows, first; /* first: of its rows in dw and w */
    struct grads z, d;     /* of this layer's outputs, of its inputs */
};

/* Columns j .. j + 15 of row p of the weights. */
static const float *weights(const struct layer *y, size_t p, size_t j)
{
    const struct shape *s = y->s;
    if (!flag(s, UPDATE))
        return (const float *)y->buf[MLP_BWD_W] + (y->first + p) * (s->n + s->pad) + j;
    const float *w = (const float *)y->buf[MLP_BWD_PACKED] + mlp_bwd_layer(s->k, s->n, y->l);
    return w + (j / 16 * y->rows + p) * 16;
}
static double input(const struct layer *y, size_t i, size_t p)
{
    const struct shape *s = y->s;
    if (y->l == 0) return (double)((const float *)y->buf[MLP_BWD_SRC])[i * (s->k + s->pad) + p];
    return (
        double)((const float *)y->buf[MLP_BWD_ACTS])[((y->l - 1) * s->m + i) * (s->n + s->pad) + p];
}

/* Sixteen sums at a time: of f z, of its error from z's, of |f z|. */
struct sums {
    double x[16], e[16], mag[16];
};
static inline void add(struct sums *t, const double *zx, const double *ze, const double f[16],
                       size_t cols)
{
    for (size_t c = 0; c < cols; c++) t->x[c] += f[c] * zx[c];
    for (size_t c = 0; c < cols; c++) t->e[c] += fabs(f[c]) * ze[c];
    for (size_t c = 0; c < cols; c++) t->mag[c] += fabs(f[c]) * (fabs(zx[c]) + ze[c]);
}
static inline void add_some(struct sums *t, const double *zx, const double *ze, const double f[16],
                            size_t cols)
{
    if (cols >= 16)
        add(t, zx, ze, f, 16); /* a constant count is vectorized */
    else
        add(t, zx, ze, f, cols);
}
static struct near near_of(double x, double e, double mag, size_t steps)
{
    if (bound_overflows(mag, steps)) return ANYTHING;
    return (struct near){x, e + bound_gamma(steps) * mag + (double)steps * 0x1p-149};
}

/* Columns j .. j + cols - 1 of h' z, row p; p = rows is the bias, whose input is 1. */
ORACLE_WIDE static void gradient(const struct layer *y, size_t p, size_t j, size_t cols,
                                 struct near g[16])
{
    struct sums t = {0};
    for (size_t i = 0; i < y->s->m; i++) {
        const size_t at = i * y->s->n + j;
        const double h = p < y->rows ? input(y, i, p) : 1.0;
        double f[16];
        for (size_t c = 0; c < 16; c++) f[c] = h;
        add_some(&t, y->z.x + at, y->z.e + at, f, cols);
    }
    for (size_t c = 0; c < cols; c++) g[c] = near_of(t.x[c], t.e[c], t.mag[c], y->s->m);
}

static void put(const struct layer *y, size_t operand, size_t at, struct near v)
{
    y->want[operand][at] = v.x;
    y->slack[operand][at] = v.e;
}

static void want_bias(const struct layer *y)
{
    const struct shape *s = y->s;
    struct near g[16];
    for (size_t j = 0; j < s->n; j++) {
        if (j % 16 == 0) gradient(y, y->rows, j, s->n - j < 16 ? s->n - j : 16, g);
        put(y, MLP_BWD_DB, y->l * s->n + j, g[j % 16]);
        if (flag(s, UPDATE))
            put(y, MLP_BWD_BIAS, y->l * s->n + j,
                step_of((double)((const float *)y->buf[MLP_BWD_BIAS])[y->l * s->n + j],
                        (double)s->scale, g[j % 16]));
    }
}

/* Row p of dw, or of the weights after the step. */
static void want_weights(const struct layer *y, size_t p)
{
    const struct shape *s = y->s;
    const size_t n = s->n, base = mlp_bwd_layer(s->k, n, y->l);
    for (size_t j = 0; j < n; j += 16) {
        const size_t cols = n - j < 16 ? n - j : 16, at = base + (j / 16 * y->rows + p) * 16;
        const float *w = weights(y, p, j);
        struct near g[16];
        gradient(y, p, j, cols, g);
        for (size_t c = 0; c < cols; c++) {
            if (flag(s, UPDATE))
                put(y, MLP_BWD_PACKED, at + c, step_of((double)w[c], (double)s->scale, g[c]));
            else
                put(y, MLP_BWD_DW, (y->first + p) * n + j + c, g[c]);
        }
        for (size_t c = cols; c < 16 && flag(s, UPDATE); c++) /* padding keeps its word */
            put(y, MLP_BWD_PACKED, at + c, (struct near){(double)w[c], 0.0});
    }
}

/* Row i of z times row p of the weights. */
ORACLE_WIDE static struct near product(const struct layer *y, size_t i, size_t p)
{
    const size_t n = y->s->n;
    struct sums t = {0};
    for (size_t j = 0; j < n; j += 16) {
        const size_t cols = n - j < 16 ? n - j : 16;
        const float *w = weights(y, p, j);
        double f[16];
        for (size_t c = 0; c < cols; c++) f[c] = (double)w[c];
        add_some(&t, y->z.x + i * n + j, y->z.e + i * n + j, f, cols);
    }
    for (size_t c = 1; c < 16; c++) {
        t.x[0] += t.x[c];
        t.e[0] += t.e[c];
        t.mag[0] += t.mag[c];
    }
    return near_of(t.x[0], t.e[0], t.mag[0], n);
}

/* Column p of the gradient of the layer's input, masked where that was the output of a ReLU. */
static void want_data(const struct layer *y, size_t p)
{
    for (size_t i = 0; i < y->s->m; i++) {
        const bool off = y->l && input(y, i, p) <= 0.0;
        const struct near v = off ? (struct near){0.0, 0.0} : product(y, i, p);
        y->d.x[i * y->rows + p] = v.x;
        y->d.e[i * y->rows + p] = v.e;
    }
}

static void want_rows(size_t begin, size_t end, void *ctx)
{
    const struct layer *y = ctx;
    for (size_t p = begin; p < end; p++) {
        want_weights(y, p);
        if (y->l || !flag(y->s, NODSRC)) want_data(y, p);
    }
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
    const int threads = bound_threads(flops(s));
    double *at = calloc(4 * most + 1, sizeof *at);
    if (!at) abort();
    struct grads z = {at, at + most}, d = {at + 2 * most, at + 3 * most};
    start(s, buf, z);
    for (size_t l = s->depth; l-- > 0;) {
        struct layer y = {s, buf, want, slack, l, l ? n : k, l ? k + (l - 1) * n : 0, z, d};
        want_bias(&y);
        par_each(threads, y.rows, 4, want_rows, &y);
        if (l == 0 && flag(s, NODSRC)) break;
        const struct grads was = z;
        z = d;
        d = was;
    }
    for (size_t i = 0; i < m * k && s->depth && !flag(s, NODSRC); i++) {
        want[MLP_BWD_DSRC][i] = z.x[i];
        slack[MLP_BWD_DSRC][i] = z.e[i];
    }
    free(at);
}

const struct kernel_spec mlp_bwd_spec = {
    .name = "mlp_bwd",
    .flag_names = {"linear_out", "update", "nodsrc"},
    .formula = "dw_l = h_l' z_l, db_l, d_l = z_l w_l', l = depth-1 .. 0; update: w_l -= lr dw_l",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    /* Huge ones overflow from the second layer on. No special contents: an infinity that one order of
     * overflow makes, another does not. */
    .fills = FILLS_ALL & ~FILL_BIT(FILL_SPECIAL),
    .same_words = true,
    .operands = operands,
    .prepare = prepare,
    .call = call,
    .oracle = oracle,
    .flops = flops,
    .bytes = bytes,
};
