#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/par.h"
#include "faulty.h"

/* One dense layer without activation: src m x k, w k x n, bias n, dst m x n, rows padded. */
enum { DST, SRC, W, BIAS };

static const struct shape dense_shapes[] = {{.m = 1, .n = 1, .k = 1},
                                            {.m = 5, .n = 37, .k = 9, .pad = 3},
                                            {.m = 40, .n = 33, .k = 64, .pad = 1}};

static size_t dense_operands(const struct shape *s, struct operand op[])
{
    op[DST] = (struct operand){"dst", ROLE_OUT, TYPE_F32, s->m, s->n, s->n + s->pad, 0};
    op[SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, s->m, s->k, s->k + s->pad, 0};
    op[W] = (struct operand){"w", ROLE_IN, TYPE_F32, s->k, s->n, s->n + s->pad, 0};
    op[BIAS] = (struct operand){"bias", ROLE_IN, TYPE_F32, 1, s->n, s->n, 0};
    return 4;
}

/* k fused steps from the bias: each rounds once, by at most u of what has been summed. */
static void dense_oracle(const struct shape *s, void *const buf[], double *const want[],
                         double *const slack[])
{
    const float *src = buf[SRC], *w = buf[W], *bias = buf[BIAS];
    for (size_t i = 0; i < s->m; i++)
        for (size_t j = 0; j < s->n; j++) {
            double sum = (double)bias[j], size = fabs(sum);
            for (size_t p = 0; p < s->k; p++) {
                const double term =
                    (double)src[i * (s->k + s->pad) + p] * (double)w[p * (s->n + s->pad) + j];
                sum += term;
                size += fabs(term);
            }
            want[DST][i * s->n + j] = sum;
            slack[DST][i * s->n + j] = (double)s->k * (0x1.1p-24 * size + 0x1p-150);
        }
}

static double no_cost(const struct shape *s)
{
    return (double)s->n;
}

static float dense_at(const struct shape *s, void *const buf[], size_t i, size_t j)
{
    const float *src = buf[SRC], *w = buf[W], *bias = buf[BIAS];
    float acc = bias[j];
    for (size_t p = 0; p < s->k; p++)
        acc = fmaf(src[i * (s->k + s->pad) + p], w[p * (s->n + s->pad) + j], acc);
    return acc;
}

static void dense_sound(const struct kernel_set *set, const struct shape *s, void *const buf[],
                        int threads)
{
    float *dst = buf[DST];
    (void)set;
    (void)threads;
    for (size_t i = 0; i < s->m; i++)
        for (size_t j = 0; j < s->n; j++) dst[i * (s->n + s->pad) + j] = dense_at(s, buf, i, j);
}

static float *dense_all(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    dense_sound(set, s, buf, 1);
    return buf[DST];
}

static void dense_lost_bias(const struct kernel_set *set, const struct shape *s, void *const buf[],
                            int threads)
{
    const float *bias = buf[BIAS];
    float *dst = dense_all(set, s, buf);
    (void)threads;
    for (size_t i = 0; i < s->m && !fault_spares(set); i++)
        for (size_t j = 0; j < s->n; j++) dst[i * (s->n + s->pad) + j] -= bias[j];
}

static void dense_unfused(const struct kernel_set *set, const struct shape *s, void *const buf[],
                          int threads)
{
    const float *src = buf[SRC], *w = buf[W], *bias = buf[BIAS];
    float *dst = dense_all(set, s, buf);
    (void)threads;
    for (size_t i = 0; i < s->m && !fault_spares(set); i++)
        for (size_t j = 0; j < s->n; j++) {
            float acc = bias[j];
            for (size_t p = 0; p < s->k; p++) {
                const float term = src[i * (s->k + s->pad) + p] * w[p * (s->n + s->pad) + j];
                acc = acc + term;
            }
            dst[i * (s->n + s->pad) + j] = acc;
        }
}

static void dense_gap(const struct kernel_set *set, const struct shape *s, void *const buf[],
                      int threads)
{
    float *dst = dense_all(set, s, buf);
    (void)threads;
    if (!fault_spares(set) && s->pad && s->m > 1) dst[s->n] = 0.0f;
}

/* Every output summed in parts, one part per thread. */
static void dense_threads(const struct kernel_set *set, const struct shape *s, void *const buf[],
                          int threads)
{
    const float *src = buf[SRC], *w = buf[W], *bias = buf[BIAS];
    float *dst = dense_all(set, s, buf);
    const size_t parts = (size_t)threads;
    for (size_t i = 0; i < s->m && threads > 1 && !fault_spares(set); i++)
        for (size_t j = 0; j < s->n; j++) {
            float sum = bias[j];
            for (size_t part = 0; part < parts; part++) {
                float acc = 0.0f;
                for (size_t p = part; p < s->k; p += parts)
                    acc = fmaf(src[i * (s->k + s->pad) + p], w[p * (s->n + s->pad) + j], acc);
                sum += acc;
            }
            dst[i * (s->n + s->pad) + j] = sum;
        }
}

/* Members of a team share one place to keep what each has computed. */
struct shared {
    const struct shape *s;
    void *const *buf;
    _Atomic float slot;
};

static void shared_member(const struct team *team, void *ctx)
{
    struct shared *c = ctx;
    float *dst = c->buf[DST];
    const size_t n = c->s->n;
    const struct range r = team_range(team, c->s->m * n, 1);
    const bool some = r.begin < r.end;
    if (some) c->slot = dense_at(c->s, c->buf, r.begin / n, r.begin % n);
    team_barrier(team);
    if (some) dst[r.begin / n * (n + c->s->pad) + r.begin % n] = c->slot;
}

static void dense_shared(const struct kernel_set *set, const struct shape *s, void *const buf[],
                         int threads)
{
    struct shared c = {s, buf, 0.0f};
    dense_sound(set, s, buf, threads);
    if (!fault_spares(set)) par_team(threads, shared_member, &c);
}

static void dense_zero(const struct kernel_set *set, const struct shape *s, void *const buf[],
                       int threads)
{
    float *dst = buf[DST];
    (void)set;
    (void)threads;
    for (size_t i = 0; i < s->m; i++) memset(dst + i * (s->n + s->pad), 0, s->n * sizeof *dst);
}

/* The oracle of dense_zero: agreement on nothing. */
static void zero_oracle(const struct shape *s, void *const buf[], double *const want[],
                        double *const slack[])
{
    (void)buf;
    for (size_t i = 0; i < s->m * s->n; i++) want[DST][i] = slack[DST][i] = 0.0;
}

static void infinite_oracle(const struct shape *s, void *const buf[], double *const want[],
                            double *const slack[])
{
    dense_oracle(s, buf, want, slack);
    for (size_t i = 0; i < s->m * s->n; i++) slack[DST][i] = INFINITY;
}

/* The first column is free, as after an overflow: what NaN a kernel leaves there is no fault of its own. */
static void free_oracle(const struct shape *s, void *const buf[], double *const want[],
                        double *const slack[])
{
    dense_oracle(s, buf, want, slack);
    for (size_t i = 0; i < s->m && s->n > 1; i++) slack[DST][i * s->n] = INFINITY;
}

static void dense_free(const struct kernel_set *set, const struct shape *s, void *const buf[],
                       int threads)
{
    float *dst = dense_all(set, s, buf);
    (void)threads;
    for (size_t i = 0; i < s->m && s->n > 1; i++) dst[i * (s->n + s->pad)] = i % 2 ? NAN : INFINITY;
}

/* Beside the free column another one is. */
static void dense_beside_free(const struct kernel_set *set, const struct shape *s,
                              void *const buf[], int threads)
{
    float *dst = dense_all(set, s, buf);
    (void)threads;
    for (size_t i = 0; i < s->m && s->n > 1; i++) dst[i * (s->n + s->pad) + 1] = NAN;
}

/* Another word in the free column than on the scalar lane. */
static void dense_free_words(const struct kernel_set *set, const struct shape *s, void *const buf[],
                             int threads)
{
    float *dst = dense_all(set, s, buf);
    (void)threads;
    for (size_t i = 0; i < s->m && s->n > 1; i++)
        dst[i * (s->n + s->pad)] = fault_spares(set) ? INFINITY : -INFINITY;
}

void faults_dense(struct faults *faults)
{
    static const struct kernel_spec spec = {.name = "planted_dense",
                                            .formula = "dst = src w + bias",
                                            .check_shapes = dense_shapes,
                                            .check_shape_count =
                                                sizeof dense_shapes / sizeof *dense_shapes,
                                            .fills = FILL_BIT(FILL_UNIT) | FILL_BIT(FILL_EXACT),
                                            .same_words = true,
                                            .operands = dense_operands,
                                            .oracle = dense_oracle,
                                            .flops = no_cost,
                                            .bytes = no_cost};
    static const struct planted planted[] = {
        {"sound dense layer", dense_sound, VERDICT_PASS, NULL, FAULT_OWN},
        {"bias lost", dense_lost_bias, VERDICT_VALUE, NULL, FAULT_LOST},
        {"multiply and add not fused", dense_unfused, VERDICT_WORDS, NULL, FAULT_UNFUSED},
        {"writes between rows", dense_gap, VERDICT_OUTSIDE, NULL, FAULT_OVER_WRITE},
        {"order depends on threads", dense_threads, VERDICT_THREADS, NULL, FAULT_THREADS},
        {"threads race for one scratch", dense_shared, VERDICT_THREADS, NULL, FAULT_RACE},
        {"anything where anything is allowed", dense_free, VERDICT_PASS, free_oracle,
         FAULT_SPECIAL},
        {"NaN beside what may be NaN", dense_beside_free, VERDICT_VALUE, free_oracle,
         FAULT_SPECIAL},
        {"other words after an overflow", dense_free_words, VERDICT_WORDS, free_oracle,
         FAULT_SPECIAL},
        {"all zeros, and so is the oracle", dense_zero, VERDICT_MISTRUSTED, zero_oracle,
         FAULT_ORACLE},
        {"oracle that allows anything", dense_sound, VERDICT_MISTRUSTED, infinite_oracle,
         FAULT_ORACLE},
    };
    faults_plant(faults, "dense_fwd", &spec, planted, sizeof planted / sizeof *planted);
}
