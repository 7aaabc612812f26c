#include "faulty.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/par.h"

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

/* A fault lies on every lane but the scalar one. */
static bool sound(const struct kernel_set *set)
{
    return set->isa == ISA_SCALAR;
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
    for (size_t i = 0; i < s->m && !sound(set); i++)
        for (size_t j = 0; j < s->n; j++) dst[i * (s->n + s->pad) + j] -= bias[j];
}

static void dense_unfused(const struct kernel_set *set, const struct shape *s, void *const buf[],
                          int threads)
{
    const float *src = buf[SRC], *w = buf[W], *bias = buf[BIAS];
    float *dst = dense_all(set, s, buf);
    (void)threads;
    for (size_t i = 0; i < s->m && !sound(set); i++)
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
    if (!sound(set) && s->pad && s->m > 1) dst[s->n] = 0.0f;
}

/* Every output summed in parts, one part per thread. */
static void dense_threads(const struct kernel_set *set, const struct shape *s, void *const buf[],
                          int threads)
{
    const float *src = buf[SRC], *w = buf[W], *bias = buf[BIAS];
    float *dst = dense_all(set, s, buf);
    const size_t parts = (size_t)threads;
    for (size_t i = 0; i < s->m && threads > 1 && !sound(set); i++)
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
    if (!sound(set)) par_team(threads, shared_member, &c);
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
        dst[i * (s->n + s->pad)] = sound(set) ? INFINITY : -INFINITY;
}

/* The rectifier, and a fault before or after it. */
static void relu_all(volatile float *dst, const volatile float *src, size_t n)
{
    for (size_t i = 0; i < n; i++) dst[i] = src[i] < 0.0f ? 0.0f : src[i];
}

#define RELU(name, before, after)                                                                  \
    static void name(const struct kernel_set *set, const struct shape *s, void *const buf[],       \
                     int threads)                                                                  \
    {                                                                                              \
        volatile float *dst = buf[RELU_FWD_DST]; /* volatile: the faults must survive -O3 */       \
        volatile float *src = buf[RELU_FWD_SRC];                                                   \
        const size_t n = s->n;                                                                     \
        (void)threads;                                                                             \
        if (sound(set)) {                                                                          \
            relu_all(dst, src, n);                                                                 \
            return;                                                                                \
        }                                                                                          \
        before relu_all(dst, src, n);                                                              \
        after                                                                                      \
    }

static volatile float sink;
static unsigned calls;

RELU(relu_sound, , )
RELU(relu_null, return;, )
RELU(relu_short, relu_all(dst, src, n - n % 16); return;, )
RELU(relu_hole, const float old = n > 20 ? dst[17] : 0.0f;, if (n > 20) dst[17] = old;)
RELU(relu_smeared, , if (n > 20) dst[17] = dst[17] + 0x1p-20f;)
RELU(relu_over_read, , if (n) sink = src[n];)
RELU(relu_under_read, if (n) sink = src[-1];, )
RELU(relu_over_write, , if (n) dst[n] = 0.0f;)
RELU(relu_under_write, , if (n) dst[-1] = 0.0f;)
RELU(relu_no_mask, , for (size_t i = 0; i < n; i++) dst[i] = src[i];)
RELU(relu_input, , if (n) src[n / 2] = 1.0f;)
RELU(relu_random, , if (n && ++calls % 2 == 0) dst[n - 1] = dst[n - 1] + 1.0f;)
RELU(relu_nan, , for (size_t i = 0; i < n; i++) dst[i] = isnan(dst[i]) ? 0.0f : dst[i];)
RELU(relu_negative_zero, , for (size_t i = 0; i < n; i++) dst[i] = dst[i] == 0.0f ? 0.0f : dst[i];)
RELU(relu_misaligned, , if (n && (uintptr_t)src % 64 == 28) dst[0] = dst[0] + 1.0f;)
RELU(relu_not_in_place, for (size_t i = 0; i < n; i++) dst[i] = 0.0f;, )
RELU(relu_trap, if (n > 16) __builtin_trap();, )

struct seam {
    const volatile float *src;
    volatile float *dst;
    size_t n;
};

/* Leaves the last element of a range to the thread of the next. */
static void seam_range(size_t begin, size_t end, void *ctx)
{
    const struct seam *c = ctx;
    relu_all(c->dst + begin, c->src + begin, end - begin - (end < c->n));
}

static void relu_seam(const struct kernel_set *set, const struct shape *s, void *const buf[],
                      int threads)
{
    struct seam c = {buf[RELU_FWD_SRC], buf[RELU_FWD_DST], s->n};
    par_for(sound(set) ? 1 : threads, s->n, 16, seam_range, &c);
}

static struct kernel_spec dense_spec(void (*call)(const struct kernel_set *, const struct shape *,
                                                  void *const[], int))
{
    return (struct kernel_spec){.name = "planted_dense",
                                .formula = "dst = src w + bias",
                                .check_shapes = dense_shapes,
                                .check_shape_count = sizeof dense_shapes / sizeof *dense_shapes,
                                .fills = FILL_BIT(FILL_UNIT) | FILL_BIT(FILL_EXACT),
                                .same_words = true,
                                .operands = dense_operands,
                                .call = call,
                                .oracle = dense_oracle,
                                .flops = no_cost,
                                .bytes = no_cost};
}

size_t faults_list(struct fault *faults, size_t room)
{
    typedef void call_fn(const struct kernel_set *, const struct shape *, void *const[], int);
    static const struct {
        const char *name;
        call_fn *call;
        enum verdict expected;
    } relu[] =
        {
            {"sound rectifier", relu_sound, VERDICT_PASS},
            {"null kernel", relu_null, VERDICT_UNWRITTEN},
            {"tail left out", relu_short, VERDICT_UNWRITTEN},
            {"element left unwritten", relu_hole, VERDICT_UNWRITTEN},
            {"element smeared", relu_smeared, VERDICT_VALUE},
            {"reads one float past the end", relu_over_read, VERDICT_CRASH},
            {"reads one float before the start", relu_under_read, VERDICT_CRASH},
            {"writes one float past the end", relu_over_write, VERDICT_OUTSIDE},
            {"writes one float before the start", relu_under_write, VERDICT_OUTSIDE},
            {"mask dropped", relu_no_mask, VERDICT_VALUE},
            {"changes its input", relu_input, VERDICT_INPUT},
            {"second run differs", relu_random, VERDICT_REPEAT},
            {"swallows NaN", relu_nan, VERDICT_VALUE},
            {"loses the sign of zero", relu_negative_zero, VERDICT_VALUE},
            {"wrong at one misalignment", relu_misaligned, VERDICT_REPEAT},
            {"traps", relu_trap, VERDICT_CRASH},
            {"wrong where dst is src", relu_not_in_place, VERDICT_VALUE},
            {"gap at the seam of two threads", relu_seam, VERDICT_THREADS},
        },
      dense[] = {
          {"sound dense layer", dense_sound, VERDICT_PASS},
          {"bias lost", dense_lost_bias, VERDICT_VALUE},
          {"multiply and add not fused", dense_unfused, VERDICT_WORDS},
          {"writes between rows", dense_gap, VERDICT_OUTSIDE},
          {"order depends on threads", dense_threads, VERDICT_THREADS},
          {"threads race for one scratch", dense_shared, VERDICT_THREADS},
      };
    size_t count = 0;
    for (size_t i = 0; i < sizeof relu / sizeof *relu && count < room; i++) {
        faults[count] = (struct fault){relu[i].name, *kernel_spec("relu_fwd"), relu[i].expected};
        faults[count].spec.call = relu[i].call;
        faults[count++].spec.name = "planted_relu";
    }
    for (size_t i = 0; i < sizeof dense / sizeof *dense && count < room; i++)
        faults[count++] =
            (struct fault){dense[i].name, dense_spec(dense[i].call), dense[i].expected};
    static const struct {
        const char *name;
        call_fn *call;
        enum verdict expected;
    } after[] = {{"anything where anything is allowed", dense_free, VERDICT_PASS},
                 {"NaN beside what may be NaN", dense_beside_free, VERDICT_VALUE},
                 {"other words after an overflow", dense_free_words, VERDICT_WORDS}};
    for (size_t i = 0; i < sizeof after / sizeof *after && count < room; i++) {
        faults[count] = (struct fault){after[i].name, dense_spec(after[i].call), after[i].expected};
        faults[count++].spec.oracle = free_oracle;
    }
    if (room - count < 2) return count;
    faults[count] = (struct fault){"all zeros, and so is the oracle", dense_spec(dense_zero),
                                   VERDICT_MISTRUSTED};
    faults[count++].spec.oracle = zero_oracle;
    faults[count] =
        (struct fault){"oracle that allows anything", dense_spec(dense_sound), VERDICT_MISTRUSTED};
    faults[count++].spec.oracle = infinite_oracle;
    return count;
}
