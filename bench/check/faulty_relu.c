#include <math.h>
#include <string.h>

#include "base/par.h"
#include "faulty.h"

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
        if (fault_spares(set)) {                                                                   \
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
    par_for(fault_spares(set) ? 1 : threads, s->n, 16, seam_range, &c);
}

/* A crash that no single thread's handler can leave. */
static void trap_range(size_t begin, size_t end, void *ctx)
{
    (void)begin, (void)end, (void)ctx;
    __builtin_trap();
}

static void relu_trap_threads(const struct kernel_set *set, const struct shape *s,
                              void *const buf[], int threads)
{
    relu_all(buf[RELU_FWD_DST], buf[RELU_FWD_SRC], s->n);
    if (!fault_spares(set) && threads > 1) par_for(threads, s->n, 1, trap_range, NULL);
}

/* The mask dropped from a gradient, by the kernel and by its oracle: only the forward pass tells. */
static void mask_lost(const struct kernel_set *set, const struct shape *s, void *const buf[],
                      int threads)
{
    (void)set;
    (void)threads;
    if (s->n) memmove(buf[RELU_BWD_DSRC], buf[RELU_BWD_DDST], s->n * sizeof(float));
}

static void mask_lost_oracle(const struct shape *s, void *const buf[], double *const want[],
                             double *const slack[])
{
    for (size_t i = 0; i < s->n; i++) {
        want[RELU_BWD_DSRC][i] = (double)((const float *)buf[RELU_BWD_DDST])[i];
        slack[RELU_BWD_DSRC][i] = 0.0;
    }
}

void faults_relu(struct faults *faults)
{
    static const struct planted planted[] = {
        {"sound rectifier", relu_sound, VERDICT_PASS, NULL, FAULT_OWN},
        {"null kernel", relu_null, VERDICT_UNWRITTEN, NULL, FAULT_NOTHING},
        {"tail left out", relu_short, VERDICT_UNWRITTEN, NULL, FAULT_TAIL},
        {"element left unwritten", relu_hole, VERDICT_UNWRITTEN, NULL, FAULT_STALE},
        {"element smeared", relu_smeared, VERDICT_VALUE, NULL, FAULT_UNFUSED},
        {"reads one float past the end", relu_over_read, VERDICT_CRASH, NULL, FAULT_OVER_READ},
        {"reads one float before the start", relu_under_read, VERDICT_CRASH, NULL, FAULT_OVER_READ},
        {"writes one float past the end", relu_over_write, VERDICT_OUTSIDE, NULL, FAULT_OVER_WRITE},
        {"writes one float before the start", relu_under_write, VERDICT_OUTSIDE, NULL,
         FAULT_OVER_WRITE},
        {"mask dropped", relu_no_mask, VERDICT_VALUE, NULL, FAULT_MASK},
        {"changes its input", relu_input, VERDICT_INPUT, NULL, FAULT_INPUT},
        {"second run differs", relu_random, VERDICT_REPEAT, NULL, FAULT_REPEAT},
        {"swallows NaN", relu_nan, VERDICT_VALUE, NULL, FAULT_SPECIAL},
        {"loses the sign of zero", relu_negative_zero, VERDICT_VALUE, NULL, FAULT_SPECIAL},
        {"wrong at one misalignment", relu_misaligned, VERDICT_REPEAT, NULL, FAULT_PLACE},
        {"traps", relu_trap, VERDICT_CRASH, NULL, FAULT_CRASH},
        {"traps on several threads", relu_trap_threads, VERDICT_CRASH, NULL, FAULT_CRASH},
        {"wrong where dst is src", relu_not_in_place, VERDICT_VALUE, NULL, FAULT_PLACE},
        {"gap at the seam of two threads", relu_seam, VERDICT_THREADS, NULL, FAULT_THREADS},
    };
    struct kernel_spec spec = *kernel_spec("relu_fwd");
    spec.name = "planted_relu";
    faults_plant(faults, "relu_fwd", &spec, planted, sizeof planted / sizeof *planted);
    static const struct planted bwd[] = {{"mask lost, and by the oracle too", mask_lost,
                                          VERDICT_GRADIENT, mask_lost_oracle, FAULT_MASK}};
    spec = *kernel_spec("relu_bwd");
    spec.name = "planted_relu_bwd";
    faults_plant(faults, "relu_bwd", &spec, bwd, sizeof bwd / sizeof *bwd);
}
