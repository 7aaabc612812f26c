#include <math.h>
#include <stdlib.h>

#include "../base/bound.h"
#include "../base/par.h"
#include "../base/sums.h"
#include "../kernel.h"
#include "../simd/math_bound.h"
#include "attn_bwd.h"
#include "base/status.h"

enum { CAUSAL = ATTN_BWD_FLAG_CAUSAL, PACKED = ATTN_BWD_FLAG_PACKED };
#define EACH_FLAG(...)                                                                             \
    {__VA_ARGS__}, {__VA_ARGS__, .flags = CAUSAL}, {__VA_ARGS__, .flags = PACKED},                 \
    {                                                                                              \
        __VA_ARGS__, .flags = CAUSAL | PACKED                                                      \
    }
static const struct shape check_shapes[] = {
    EACH_FLAG(.m = 1, .heads = 1, .n = 0, .k = 5),
    EACH_FLAG(.m = 1, .heads = 1, .n = 5, .k = 0),
    EACH_FLAG(.m = 0, .heads = 3, .n = 5, .k = 4),
    EACH_FLAG(.m = 1, .heads = 1, .n = 1, .k = 1),
    EACH_FLAG(.m = 2, .heads = 3, .n = 7, .k = 5),
    EACH_FLAG(.m = 1, .heads = 2, .n = 16, .k = 8),
    EACH_FLAG(.m = 1, .heads = 1, .n = 33, .k = 40, .pad = 3),
    EACH_FLAG(.m = 2, .heads = 2, .n = 64, .k = 64),
    EACH_FLAG(.m = 1, .heads = 2, .n = 97, .k = 32, .pad = 16),
    EACH_FLAG(.m = 1, .heads = 1, .n = 150, .k = 20),
    EACH_FLAG(.m = 1, .heads = 1, .n = 270,
              .k = 64), /* five columns: one more than two or four members take */
    EACH_FLAG(.m = 1, .heads = 1, .n = 50, .k = 300), /* blocks of 32, of 16 */
    EACH_FLAG(.m = 1, .heads = 1, .n = 21, .k = 1023),
    {.m = 1, .heads = 2, .n = 80, .k = 64, .flags = CAUSAL | PACKED, .scale = 1e-4f},
    {.m = 1, .heads = 2, .n = 80, .k = 64, .flags = CAUSAL | PACKED, .scale = 100.0f},
};

#define LENGTHS(width, bits)                                                                       \
    {.m = 1, .heads = 12, .n = 64, .k = width, .flags = bits},                                     \
        {.m = 1, .heads = 12, .n = 256, .k = width, .flags = bits},                                \
        {.m = 1, .heads = 12, .n = 512, .k = width, .flags = bits},                                \
        {.m = 1, .heads = 12, .n = 1024, .k = width, .flags = bits},                               \
    {                                                                                              \
        .m = 1, .heads = 12, .n = 2048, .k = width, .flags = bits                                  \
    }
static const struct shape bench_shapes[] = {LENGTHS(64, CAUSAL | PACKED),  LENGTHS(64, PACKED),
                                            LENGTHS(32, CAUSAL | PACKED),  LENGTHS(32, PACKED),
                                            LENGTHS(128, CAUSAL | PACKED), LENGTHS(128, PACKED)};

static bool flag(const struct shape *s, unsigned bit)
{
    return s->flags & bit;
}

static bool legal(const struct shape *s)
{
    return s->k <= ATTN_BWD_D;
}

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t rows = s->m * s->n, wide = s->heads * s->k, pad = s->pad, ld = wide + pad;
    const bool packed = flag(s, PACKED);
    const size_t q = packed ? 3 * wide : wide, other = packed ? 0 : rows;
    const size_t scratch = attn_bwd_scratch(s->m, s->heads, s->n);
    const float gain = shape_scale(s);
    op[ATTN_BWD_DQ] =
        (struct operand){packed ? "dqkv" : "dq", ROLE_OUT, TYPE_F32, rows, q, q + pad, 0};
    op[ATTN_BWD_DK] = (struct operand){"dk", ROLE_OUT, TYPE_F32, other, wide, ld, 0};
    op[ATTN_BWD_DV] = (struct operand){"dv", ROLE_OUT, TYPE_F32, other, wide, ld, 0};
    op[ATTN_BWD_GRAD] = (struct operand){"grad", ROLE_IN, TYPE_F32, rows, wide, ld, 0};
    op[ATTN_BWD_O] = (struct operand){"o", ROLE_PACKED, TYPE_F32, rows, wide, ld, 0};
    op[ATTN_BWD_LSE] =
        (struct operand){"lse", ROLE_PACKED, TYPE_F32, s->m * s->heads, s->n, s->n, 0};
    op[ATTN_BWD_Q] =
        (struct operand){packed ? "qkv" : "q", ROLE_IN, TYPE_F32, rows, q, q + pad, gain};
    op[ATTN_BWD_K] = (struct operand){"k", ROLE_IN, TYPE_F32, other, wide, ld, gain};
    op[ATTN_BWD_V] = (struct operand){"v", ROLE_IN, TYPE_F32, other, wide, ld, 0};
    op[ATTN_BWD_SCRATCH] =
        (struct operand){"scratch", ROLE_SCRATCH, TYPE_F32, 1, scratch, scratch, 0};
    return 10;
}

static float scale_of(const struct shape *s)
{
    return s->k ? 1.0f / sqrtf((float)s->k) : 1.0f;
}

static struct attn_bwd call_of(const struct shape *s, void *const buf[])
{
    const size_t wide = s->heads * s->k;
    const bool packed = flag(s, PACKED);
    const size_t out = wide + s->pad, in = (packed ? 3 * wide : wide) + s->pad;
    const struct strides by = {in, s->k, s->n * in}, by_out = {out, s->k, s->n * out};
    const float *q = buf[ATTN_BWD_Q];
    float *dq = buf[ATTN_BWD_DQ];
    return (struct attn_bwd){.dq = dq,
                             .dk = packed ? dq + wide : buf[ATTN_BWD_DK],
                             .dv = packed ? dq + 2 * wide : buf[ATTN_BWD_DV],
                             .scratch = buf[ATTN_BWD_SCRATCH],
                             .grad = buf[ATTN_BWD_GRAD],
                             .o = buf[ATTN_BWD_O],
                             .lse = buf[ATTN_BWD_LSE],
                             .q = q,
                             .k = packed ? q + wide : buf[ATTN_BWD_K],
                             .v = packed ? q + 2 * wide : buf[ATTN_BWD_V],
                             .dq_by = by,
                             .dk_by = by,
                             .dv_by = by,
                             .grad_by = by_out,
                             .o_by = by_out,
                             .q_by = by,
                             .k_by = by,
                             .v_by = by,
                             .batch = s->m,
                             .heads = s->heads,
                             .t = s->n,
                             .d = s->k,
                             .scale = scale_of(s),
                             .causal = flag(s, CAUSAL)};
}

static void prepare(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    const struct attn_bwd b = call_of(s, buf);
    const struct attn_fwd a = {.o = buf[ATTN_BWD_O],
                               .lse = buf[ATTN_BWD_LSE],
                               .q = b.q,
                               .k = b.k,
                               .v = b.v,
                               .o_by = b.o_by,
                               .q_by = b.q_by,
                               .k_by = b.k_by,
                               .v_by = b.v_by,
                               .batch = b.batch,
                               .heads = b.heads,
                               .t = b.t,
                               .d = b.d,
                               .scale = b.scale,
                               .causal = b.causal};
    attn_fwd(set, 1, &a);
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    const struct attn_bwd a = call_of(s, buf);
    attn_bwd(set, threads, &a);
}

/* What the oracle keeps of each row of each head. */
struct norms {
    double q, k, v, grad, o;
    struct near dot; /* D */
};

struct oracle {
    struct attn_bwd a;
    const struct norms *norms;
    double *const *want, *const *slack;
    bool packed;
};

#define AT(x, i) (a->x + strides_at(a->x##_by, a->heads, head, i))

/* p and ds of a pair. */
static void weights(const struct oracle *y, size_t head, size_t i, size_t j, struct near *p,
                    struct near *ds)
{
    const struct attn_bwd *a = &y->a;
    const struct norms *ni = &y->norms[head * a->t + i], *nj = &y->norms[head * a->t + j];
    const double u = 0x1p-24, d = (double)a->d, scale = (double)a->scale;
    const double exp_u = 2.0 * math_ulp().exp_nonpositive * u; /* an ULP is at most two of u */
    const double mag = scale * ni->q * nj->k, mag_g = ni->grad * nj->v;
    const double e = bound_gamma(a->d + 1) * mag + 0x1p-149 * (sqrt(d) * nj->k + d);
    const double x = scale * sums_dot(AT(q, i), AT(k, j), a->d) - (double)a->lse[head * a->t + i];
    const double off = e + u * (fabs(x) + e) + exp_u * (1.0 + 2.0 * exp_u);
    /* The score that attn_fwd computed is at most its lse, though the exact one may not be. */
    p->x = fmin(exp(x), 1.0);
    p->e = 1.0 + 2.0 * exp_u;
    if (x + off < -105.0)
        p->e = p->x;
    else if (off < 1.0)
        p->e = fmin(p->e, p->x * expm1(off));
    /* Subnormal, +0 under FTZ. */
    p->e += 0x1p-126;
    if (bound_overflows(mag, a->d + 1)) p->e = INFINITY;
    const double w = sums_dot(AT(grad, i), AT(v, j), a->d) - ni->dot.x;
    const double e_g = bound_gamma(a->d) * mag_g + d * 0x1p-149 + ni->dot.e;
    const double e_w = e_g + u * (fabs(w) + e_g);
    ds->x = p->x * w;
    ds->e = p->x * e_w + p->e * (fabs(w) + e_w);
    ds->e += u * (fabs(ds->x) + ds->e) + 0x1p-126;
    if (bound_overflows(mag_g + ni->grad * ni->o, a->d + 1)) ds->e = INFINITY;
}

/* A row of sums of f.x times a row of floats: the sums, their errors from f's, and their magnitudes. */
struct row_sums {
    double *x, *e, *mag;
};
ORACLE_WIDE static void add_scaled(const struct row_sums *t, struct near f, const float *row,
                                   double scale, size_t d)
{
    double *restrict x = t->x, *restrict e = t->e, *restrict mag = t->mag;
    const double most = fabs(f.x) + f.e;
    for (size_t c = 0; c < d; c++) {
        const double v = scale * (double)row[c];
        x[c] += f.x * v;
        e[c] += f.e * fabs(v);
        mag[c] += most * fabs(v);
    }
}

static void put(const struct oracle *y, size_t operand, size_t head, size_t i,
                const struct row_sums *t)
{
    const struct attn_bwd *a = &y->a;
    const size_t wide = a->heads * a->d, row = head / a->heads * a->t + i;
    const size_t to = y->packed ? ATTN_BWD_DQ : operand;
    const size_t column = head % a->heads * a->d + (y->packed ? operand * wide : 0);
    const size_t at = row * (y->packed ? 3 * wide : wide) + column;
    for (size_t c = 0; c < a->d; c++) {
        const bool any = bound_overflows(t->mag[c], a->t + 2);
        y->want[to][at + c] = any ? 0.0 : t->x[c];
        /* scale q and scale k round too, perhaps to a subnormal. */
        y->slack[to][at + c] =
            any ? INFINITY : t->e[c] + bound_gamma(a->t + 1) * t->mag[c] + (double)a->t * 0x1p-149;
    }
}

static void clear(const struct row_sums *t, size_t d)
{
    for (size_t c = 0; c < d; c++) t->x[c] = t->e[c] = t->mag[c] = 0.0;
}

/* dq of row i; dk and dv of row i. */
static void oracle_row(const struct oracle *y, size_t head, size_t i, const struct row_sums t[2])
{
    const struct attn_bwd *a = &y->a;
    const double scale = (double)a->scale;
    struct near p, ds;
    clear(&t[0], a->d);
    for (size_t j = 0; j < (a->causal ? i + 1 : a->t); j++) {
        weights(y, head, i, j, &p, &ds);
        add_scaled(&t[0], ds, AT(k, j), scale, a->d);
        /* k' is off by a subnormal's rounding. */
        for (size_t c = 0; c < a->d; c++) t[0].e[c] += (fabs(ds.x) + ds.e) * 0x1p-149;
    }
    put(y, ATTN_BWD_DQ, head, i, &t[0]);
    clear(&t[0], a->d);
    clear(&t[1], a->d);
    for (size_t r = a->causal ? i : 0; r < a->t; r++) {
        weights(y, head, r, i, &p, &ds);
        add_scaled(&t[0], ds, AT(q, r), scale, a->d);
        for (size_t c = 0; c < a->d; c++) t[0].e[c] += (fabs(ds.x) + ds.e) * 0x1p-149;
        add_scaled(&t[1], p, AT(grad, r), 1.0, a->d);
    }
    put(y, ATTN_BWD_DK, head, i, &t[0]);
    put(y, ATTN_BWD_DV, head, i, &t[1]);
}

static void oracle_rows(size_t begin, size_t end, void *ctx)
{
    const struct oracle *y = ctx;
    const size_t t = y->a.t, d = y->a.d;
    double *at = calloc(6 * d + 1, sizeof *at);
    if (!at) out_of_memory();
    const struct row_sums sums[2] = {{at, at + d, at + 2 * d},
                                     {at + 3 * d, at + 4 * d, at + 5 * d}};
    for (size_t i = begin; i < end; i++) oracle_row(y, i / t, i % t, sums);
    free(at);
}

static double pairs(const struct shape *s)
{
    const double t = (double)s->n, rows = (double)s->m * (double)s->heads * t;
    return rows * (flag(s, CAUSAL) ? (t + 1.0) / 2.0 : t);
}
static double flops(const struct shape *s)
{
    return 10.0 * pairs(s) * (double)s->k;
}
static double bytes(const struct shape *s)
{
    const double rows = (double)s->m * (double)s->heads * (double)s->n;
    return 4.0 * rows * (8.0 * (double)s->k + 1.0);
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const struct attn_bwd all = call_of(s, buf), *a = &all;
    const size_t rows = s->m * s->heads * s->n, d = s->k;
    struct norms *norms = calloc(rows + 1, sizeof *norms);
    if (!norms) out_of_memory();
    for (size_t r = 0; r < rows; r++) {
        const size_t head = r / s->n, i = r % s->n;
        struct norms *n = &norms[r];
        n->q = sqrt(sums_dot(AT(q, i), AT(q, i), d));
        n->k = sqrt(sums_dot(AT(k, i), AT(k, i), d));
        n->v = sqrt(sums_dot(AT(v, i), AT(v, i), d));
        n->grad = sqrt(sums_dot(AT(grad, i), AT(grad, i), d));
        n->o = sqrt(sums_dot(AT(o, i), AT(o, i), d));
        n->dot.x = sums_dot(AT(grad, i), AT(o, i), d);
        n->dot.e = bound_gamma(d / 16 + 6) * n->grad * n->o + (double)d * 0x1p-149;
    }
    struct oracle y = {all, norms, want, slack, flag(s, PACKED)};
    par_each(bound_threads(flops(s)), rows, 16, oracle_rows, &y);
    free(norms);
}

/* attn_fwd in f64, on operands without gaps. */
static uint64_t forward(const struct shape *s, const double *const x[], double *dst)
{
    const size_t t = s->n, d = s->k, wide = s->heads * d, ld = flag(s, PACKED) ? 3 * wide : wide;
    const double *k = flag(s, PACKED) ? x[ATTN_BWD_Q] + wide : x[ATTN_BWD_K];
    const double *v = flag(s, PACKED) ? x[ATTN_BWD_Q] + 2 * wide : x[ATTN_BWD_V];
    for (size_t i = 0; i < s->m * t; i++)
        for (size_t at = 0; at < wide; at += d) {
            const size_t first = i / t * t, keys = flag(s, CAUSAL) ? i + 1 : first + t;
            const double *q = x[ATTN_BWD_Q] + i * ld + at;
            double *o = dst + i * wide + at, sum = 0.0;
            for (size_t c = 0; c < d; c++) o[c] = 0.0;
            for (size_t j = first; j < keys; j++) {
                double score = 0.0;
                for (size_t c = 0; c < d; c++) score += q[c] * k[j * ld + at + c];
                const double p = exp(score * (double)scale_of(s));
                sum += p;
                for (size_t c = 0; c < d; c++) o[c] += p * v[j * ld + at + c];
            }
            for (size_t c = 0; c < d; c++) o[c] /= sum;
        }
    return 0;
}

static const struct grad_pair grad_pairs[] = {
    {ATTN_BWD_Q, ATTN_BWD_DQ}, {ATTN_BWD_K, ATTN_BWD_DK}, {ATTN_BWD_V, ATTN_BWD_DV}};
static const struct grad grad = {.ddst = ATTN_BWD_GRAD,
                                 .pairs = grad_pairs,
                                 .count = sizeof grad_pairs / sizeof *grad_pairs,
                                 .forward = forward};

/* No special contents: most sums hold them, and where the order of overflows matters nothing is promised. */
const struct kernel_spec attn_bwd_spec = {
    .name = "attn_bwd",
    .flag_names = {"causal", "packed"},
    .formula = "dq = scale ds k, dk = scale ds' q, dv = p' do, ds = p (do v' - do . o)",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .legal = legal,
    .fills = FILLS_ALL & ~FILL_BIT(FILL_SPECIAL),
    .same_words = true,
    .operands = operands,
    .prepare = prepare,
    .call = call,
    .oracle = oracle,
    .grad = &grad,
    .flops = flops,
    .bytes = bytes,
};
