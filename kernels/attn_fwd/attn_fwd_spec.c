#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "../base/bound.h"
#include "../base/par.h"
#include "../base/sums.h"
#include "../kernel.h"
#include "../simd/math_bound.h"
#include "attn_fwd.h"
#include "base/status.h"

enum {
    CAUSAL = ATTN_FWD_FLAG_CAUSAL,
    PACKED = ATTN_FWD_FLAG_PACKED,
    LSE = ATTN_FWD_FLAG_LSE,
    KEYS = ATTN_FWD_KEYS
};
#define EACH_FLAG(...)                                                                             \
    {__VA_ARGS__, .flags = LSE}, {__VA_ARGS__, .flags = CAUSAL | LSE},                             \
        {__VA_ARGS__, .flags = PACKED},                                                            \
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
    EACH_FLAG(.m = 1, .heads = 1, .n = 270, .k = 64),
    EACH_FLAG(.m = 1, .heads = 1, .n = 50, .k = 300),
    EACH_FLAG(.m = 1, .heads = 1, .n = 21, .k = 1023),
    {.m = 1, .heads = 2, .n = 80, .k = 64, .flags = CAUSAL | PACKED | LSE, .scale = 1e-4f},
    {.m = 1, .heads = 2, .n = 80, .k = 64, .flags = CAUSAL | PACKED | LSE, .scale = 100.0f},
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
    return s->k <= ATTN_FWD_D;
}

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t rows = s->m * s->n, wide = s->heads * s->k, pad = s->pad;
    const bool packed = flag(s, PACKED);
    const size_t q = packed ? 3 * wide : wide, other = packed ? 0 : rows;
    const float gain = shape_scale(s);
    op[ATTN_FWD_O] = (struct operand){"o", ROLE_OUT, TYPE_F32, rows, wide, wide + pad, 0};
    op[ATTN_FWD_LSE] = (struct operand){
        "lse", ROLE_OUT, TYPE_F32, flag(s, LSE) ? s->m * s->heads : 0, s->n, s->n, 0};
    op[ATTN_FWD_Q] =
        (struct operand){packed ? "qkv" : "q", ROLE_IN, TYPE_F32, rows, q, q + pad, gain};
    op[ATTN_FWD_K] = (struct operand){"k", ROLE_IN, TYPE_F32, other, wide, wide + pad, gain};
    op[ATTN_FWD_V] = (struct operand){"v", ROLE_IN, TYPE_F32, other, wide, wide + pad, 0};
    return 5;
}

static struct attn_fwd call_of(const struct shape *s, void *const buf[])
{
    const size_t wide = s->heads * s->k;
    const bool packed = flag(s, PACKED);
    const size_t o = wide + s->pad, in = (packed ? 3 * wide : wide) + s->pad;
    const struct strides by = {in, s->k, s->n * in};
    const float *q = buf[ATTN_FWD_Q];
    return (struct attn_fwd){.o = buf[ATTN_FWD_O],
                             .lse = flag(s, LSE) ? buf[ATTN_FWD_LSE] : NULL,
                             .q = q,
                             .k = packed ? q + wide : buf[ATTN_FWD_K],
                             .v = packed ? q + 2 * wide : buf[ATTN_FWD_V],
                             .o_by = {o, s->k, s->n * o},
                             .q_by = by,
                             .k_by = by,
                             .v_by = by,
                             .batch = s->m,
                             .heads = s->heads,
                             .t = s->n,
                             .d = s->k,
                             .scale = s->k ? 1.0f / sqrtf((float)s->k) : 1.0f,
                             .causal = flag(s, CAUSAL)};
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    const struct attn_fwd a = call_of(s, buf);
    attn_fwd(set, threads, &a);
}

/* What the oracle knows of a row: of each key it sees the exact score s, how far the computed one may be from it,
 * its weight z relative to that of the largest score, and x: the computed weight is z e^(+-x), or off by so little
 * that it is a matter of TINY. */
struct row {
    const struct attn_fwd *a;
    const double *norms; /* of all keys */
    size_t head, i, keys, top;
    double *s, *e, *z, *x;
    double e_max; /* of scores that may weigh anything */
    bool nan, any;
};
/* Weights below e^-104 are +0; those below 2^-126, of which there may be one a block, subnormal, +0 under FTZ. Both
 * are relative to the largest, which scores that are off by up to 1 leave above 2^-5. */
static const double GONE = 105.0, TINY = 0x1p-120;

/* The error of a score whose operands are infinite or huge; INFINITY where nothing is known of it. */
static double odd_error(const float *q, const float *k, size_t d, double scale, double s)
{
    double finite = 0.0;
    for (size_t p = 0; p < d; p++) {
        const double t = fabs(scale * (double)q[p] * (double)k[p]);
        if (isfinite(t)) finite += t;
        /* scale q alone may overflow */
        if (isfinite(q[p])) finite = fmax(finite, fabs(scale * (double)q[p]));
    }
    if (bound_overflows(finite, d + 1)) return INFINITY;
    return isinf(s) ? 0.0 : bound_gamma(d + 1) * finite;
}

static void score(struct row *r, size_t j, double norm_q)
{
    const struct attn_fwd *a = r->a;
    const float *q = a->q + strides_at(a->q_by, a->heads, r->head, r->i);
    const float *k = a->k + strides_at(a->k_by, a->heads, r->head, j);
    const double d = (double)a->d, scale = (double)a->scale, norm_k = r->norms[r->head * a->t + j];
    const double mag = scale * norm_q * norm_k, s = scale * sums_dot(q, k, a->d);
    double e = bound_gamma(a->d + 1) * mag;
    if (bound_overflows(mag, a->d + 1) || bound_overflows(norm_q, 1))
        e = odd_error(q, k, a->d, scale, s);
    r->nan = r->nan || isnan(s) || (isinf(s) && s > 0.0 && e == 0.0);
    r->any = r->any || isinf(e);
    r->s[j] = s;
    /* scale q and every step may round to a subnormal. */
    r->e[j] = e + (isinf(s) ? 0.0 : 0x1p-149 * (sqrt(d) * norm_k + d));
}

/* True where the computed weight of a key may be other than zero. */
static bool candidate(const struct row *r, size_t j)
{
    return r->s[j] + r->e[j] >= r->s[r->top] - r->e[r->top] - GONE;
}

/* An exponent rounds by u of its distance to the largest score, which telescopes over the blocks; a weight takes a
 * factor of exp for itself and one for each later block. */
static void weigh(struct row *r)
{
    const double u = 0x1p-24, blocks = (double)((r->keys + KEYS - 1) / KEYS);
    const double exp_u = 2.0 * math_ulp().exp_nonpositive; /* an ULP is at most two of u */
    r->top = 0;
    r->e_max = 0.0;
    for (size_t j = 1; j < r->keys; j++)
        if (r->s[j] > r->s[r->top]) r->top = j;
    for (size_t j = 0; j < r->keys; j++)
        if (candidate(r, j)) r->e_max = fmax(r->e_max, r->e[j]);
    for (size_t j = 0; j < r->keys; j++) {
        const double gap = r->s[r->top] - r->s[j];
        r->z[j] = exp(-gap);
        r->x[j] = r->e[j] + r->e[r->top] + 2.0 * blocks * exp_u * u * (1.0 + 4.0 * exp_u * u) +
                  u * (fmin(gap, 2.0 * GONE) + 6.0 * r->e_max);
    }
}

/* Of the columns of values: the weighted means and the sums without weights. */
ORACLE_WIDE static void weighted_means(const struct row *r, double *restrict mean,
                                       double *restrict mag)
{
    const struct attn_fwd *a = r->a;
    double all = 0.0;
    for (size_t c = 0; c < a->d; c++) mean[c] = mag[c] = 0.0;
    for (size_t j = 0; j < r->keys; j++) {
        const float *v = a->v + strides_at(a->v_by, a->heads, r->head, j);
        const double z = r->z[j];
        all += z;
        for (size_t c = 0; c < a->d; c++) mean[c] += z * (double)v[c];
        for (size_t c = 0; c < a->d; c++) mag[c] += fabs((double)v[c]);
    }
    for (size_t c = 0; c < a->d; c++) mean[c] /= all;
}

/* How far the means may be off: by the errors of the weights, but never out of the range of values that may weigh
 * anything; and the roundings of both sums, of 1 / l and of the product. */
ORACLE_WIDE static void mean_errors(const struct row *r, const double *restrict mean,
                                    double *restrict slack, double *restrict far,
                                    double *restrict most, double *restrict sum)
{
    const struct attn_fwd *a = r->a;
    const double blocks = (double)((r->keys + KEYS - 1) / KEYS), steps = (double)r->keys + blocks;
    double least = 0.0, small = 0.0;
    for (size_t c = 0; c < a->d; c++) slack[c] = far[c] = most[c] = sum[c] = 0.0;
    for (size_t j = 0; j < r->keys; j++) {
        const float *v = a->v + strides_at(a->v_by, a->heads, r->head, j);
        const double z = r->z[j], x = fmin(r->x[j], 8.0), off = z * expm1(x) + blocks * TINY;
        const double in = candidate(r, j) ? 1.0 : 0.0, high = z * exp(x) + blocks * TINY;
        least += z * exp(-x);
        for (size_t c = 0; c < a->d; c++) {
            const double y = fabs((double)v[c]), gap = fabs((double)v[c] - mean[c]);
            slack[c] += off * gap;
            sum[c] += high * y;
            far[c] = fmax(far[c], in * gap);
            most[c] = fmax(most[c], in * y);
        }
    }
    for (size_t c = 0; c < a->d; c++) small = fmax(small, sum[c]);
    const double gamma = bound_gamma(2 * (size_t)steps + 3);
    for (size_t c = 0; c < a->d; c++) {
        const double loose = far[c] + gamma * most[c] + steps * TINY * fmax(small, 1.0);
        slack[c] = (slack[c] + gamma * sum[c]) / least + (steps + 2.0) * 0x1p-149;
        if (r->e_max > 1.0 || loose < slack[c]) slack[c] = loose;
    }
}

/* A NaN among the values is NaN whatever it weighs; an infinite one is infinite where it surely weighs something, unless
 * finite ones of the other sign add up to the other infinity on the way. */
static struct near odd_column(const struct row *r, const float *v)
{
    double sign = 0.0, above = 0.0, below = 0.0;
    bool any = false;
    for (size_t j = 0; j < r->keys; j++) {
        const double x = (double)v[j * r->a->v_by.row];
        if (isnan(x)) return (struct near){NAN, 0.0};
        if (!isinf(x)) {
            *(x > 0.0 ? &above : &below) += fabs(x);
            continue;
        }
        any = any || sign * x < 0.0 || r->e_max > 1.0 || !(r->z[j] * exp(-r->x[j]) > 0x1p-100);
        sign = x;
    }
    any = any || bound_overflows(sign > 0.0 ? below : above, r->keys + 1);
    return any || sign == 0.0 ? NEAR_ANYTHING : (struct near){sign, 0.0};
}

/* The logarithm takes the relative error of l; the largest score its own. */
static struct near lse_of(const struct row *r)
{
    const double n = (double)r->keys, u = 0x1p-24, top = r->s[r->top];
    const double blocks = (double)((r->keys + KEYS - 1) / KEYS);
    double all = 0.0, off = 0.0, least = 0.0;
    for (size_t j = 0; j < r->keys; j++) {
        const double x = fmin(r->x[j], 8.0);
        all += r->z[j];
        off += r->z[j] * expm1(x) + blocks * TINY;
        least += r->z[j] * exp(-x);
    }
    const double moved = r->e_max > 1.0 ? 2.0 * r->e_max + log(n) : r->e[r->top] + off / least;
    const double lse = top + log(all), log_l = log(n) + 1.0;
    return (struct near){lse, moved + bound_gamma(r->keys + (size_t)blocks) +
                                  2.0 * math_ulp().log * u * log_l +
                                  u * (fabs(top) + r->e_max + moved + log_l) + 0x1p-148};
}

struct oracle {
    struct attn_fwd a;
    const double *norms;
    double *const *want, *const *slack;
};

static void oracle_row(const struct oracle *y, struct row *r, double *room)
{
    const struct attn_fwd *a = &y->a;
    const float *q = a->q + strides_at(a->q_by, a->heads, r->head, r->i);
    const size_t at =
        (r->head / a->heads * a->t + r->i) * a->heads * a->d + r->head % a->heads * a->d;
    double *want = y->want[ATTN_FWD_O] + at, *slack = y->slack[ATTN_FWD_O] + at;
    const double norm_q = sqrt(sums_dot(q, q, a->d));
    r->nan = r->any = false;
    for (size_t j = 0; j < r->keys; j++) score(r, j, norm_q);
    struct near lse = {NAN, 0.0};
    if (!r->nan && !r->any) weigh(r);
    const bool none = !r->nan && !r->any && isinf(r->s[r->top]);
    const bool odd = r->nan || r->any || none;
    if (none)
        lse.x = -INFINITY;
    else if (!odd)
        lse = lse_of(r);
    else if (!r->nan)
        lse = NEAR_ANYTHING;
    if (a->lse) {
        y->want[ATTN_FWD_LSE][r->head * a->t + r->i] = lse.x;
        y->slack[ATTN_FWD_LSE][r->head * a->t + r->i] = lse.e;
    }
    double *mag = room, *far = mag + a->d, *most = far + a->d, *sum = most + a->d;
    if (!odd) {
        weighted_means(r, want, mag);
        mean_errors(r, want, slack, far, most, sum);
    }
    for (size_t c = 0; c < a->d; c++) {
        struct near x = {want[c], slack[c]};
        if (odd)
            x = r->any && !r->nan ? NEAR_ANYTHING : (struct near){NAN, 0.0};
        else if (bound_overflows(mag[c], r->keys + 1))
            x = odd_column(r, a->v + strides_at(a->v_by, a->heads, r->head, 0) + c);
        want[c] = x.x;
        slack[c] = x.e;
    }
}

static void oracle_rows(size_t begin, size_t end, void *ctx)
{
    const struct oracle *y = ctx;
    const size_t t = y->a.t;
    double *at = calloc(4 * (t + y->a.d) + 1, sizeof *at);
    if (!at) out_of_memory();
    for (size_t i = begin; i < end; i++) {
        struct row r = {.a = &y->a, .norms = y->norms, .head = i / t, .i = i % t};
        r.keys = y->a.causal ? r.i + 1 : t;
        r.s = at;
        r.e = at + t;
        r.z = at + 2 * t;
        r.x = at + 3 * t;
        oracle_row(y, &r, at + 4 * t);
    }
    free(at);
}

static double pairs(const struct shape *s)
{
    const double t = (double)s->n, rows = (double)s->m * (double)s->heads * t;
    return rows * (flag(s, CAUSAL) ? (t + 1.0) / 2.0 : t);
}
static double flops(const struct shape *s)
{
    return 4.0 * pairs(s) * (double)s->k;
}
static double bytes(const struct shape *s)
{
    const double rows = (double)s->m * (double)s->heads * (double)s->n;
    return 4.0 * rows * (4.0 * (double)s->k + (flag(s, LSE) ? 1.0 : 0.0));
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const struct attn_fwd a = call_of(s, buf);
    const size_t heads = s->m * s->heads, rows = heads * s->n;
    double *norms = malloc((rows + 1) * sizeof *norms);
    if (!norms) out_of_memory();
    for (size_t i = 0; i < rows; i++) {
        const float *k = a.k + strides_at(a.k_by, a.heads, i / a.t, i % a.t);
        norms[i] = sqrt(sums_dot(k, k, a.d));
    }
    struct oracle y = {a, norms, want, slack};
    par_each(bound_threads(flops(s)), rows, 16, oracle_rows, &y);
    free(norms);
}

const struct kernel_spec attn_fwd_spec = {
    .name = "attn_fwd",
    .flag_names = {"causal", "packed", "lse"},
    .formula = "o = softmax(scale q k') v for each head; causal: of the keys up to the query",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .legal = legal,
    .fills = FILLS_ALL,
    .same_words = true,
    .operands = operands,
    .call = call,
    .oracle = oracle,
    .flops = flops,
    .bytes = bytes,
};
