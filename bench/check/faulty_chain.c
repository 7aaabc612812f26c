#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "faulty.h"

static const struct shape fwd_shapes[] = {{.m = 5, .n = 21, .k = 7, .depth = 3},
                                          {.m = 9, .n = 40, .k = 33, .depth = 2, .pad = 3}};
/* n is even, so that no tail has a single unit, whose mask may drop everything. */
static const struct shape bwd_shapes[] = {
    {.m = 1, .n = 22, .k = 7, .depth = 1, .scale = 0.1f},
    {.m = 7, .n = 38, .k = 20, .depth = 2, .pad = 3, .scale = 0.1f}};

static void fwd_sound(const struct kernel_set *set, const struct shape *s, void *const buf[],
                      int threads)
{
    kernel_spec("mlp_fwd")->call(set, s, buf, threads);
}

/* A rectifier for which NaN is not above 0, in every layer. */
static void fwd_nan(const struct kernel_set *set, const struct shape *s, void *const buf[],
                    int threads)
{
    const size_t m = s->m, n = s->n, ld = n + s->pad;
    const float *h = buf[MLP_FWD_SRC], *w = buf[MLP_FWD_W], *bias = buf[MLP_FWD_BIAS];
    float *to = buf[MLP_FWD_ACTS];
    fwd_sound(set, s, buf, threads);
    for (size_t l = 0, k = s->k; l < s->depth && !fault_spares(set); l++) {
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++) {
                float acc = bias[l * n + j];
                for (size_t p = 0; p < k; p++)
                    acc = fmaf(h[i * (k + s->pad) + p], w[p * ld + j], acc);
                to[i * ld + j] = isnan(acc) || acc < 0.0f ? 0.0f : acc;
            }
        w += k * ld;
        h = to;
        to += m * ld;
        k = n;
    }
}

static void bwd_sound(const struct kernel_set *set, const struct shape *s, void *const buf[],
                      int threads)
{
    kernel_spec("mlp_bwd")->call(set, s, buf, threads);
}

/* No gradient passes where the last activation is NaN. */
static void bwd_mask(const struct kernel_set *set, const struct shape *s, void *const buf[],
                     int threads)
{
    if (s->m == 0 || s->n == 0 || s->depth == 0) {
        bwd_sound(set, s, buf, threads);
        return;
    }
    const size_t ld = s->n + s->pad, count = s->m * ld - s->pad;
    const float *act = (const float *)buf[MLP_BWD_ACTS] + (s->depth - 1) * s->m * ld;
    float *ddst = buf[MLP_BWD_DDST], *kept = malloc(count * sizeof *kept);
    if (!kept) out_of_memory();
    memcpy(kept, ddst, count * sizeof *kept);
    for (size_t i = 0; i < count && !fault_spares(set); i++)
        if (i % ld < s->n && isnan(act[i])) ddst[i] = 0.0f;
    bwd_sound(set, s, buf, threads);
    memcpy(ddst, kept, count * sizeof *kept);
    free(kept);
}

static void bwd_misaligned(const struct kernel_set *set, const struct shape *s, void *const buf[],
                           int threads)
{
    volatile float *db = buf[MLP_BWD_DB];
    bwd_sound(set, s, buf, threads);
    if (fault_spares(set) || s->n == 0) return;
    if ((uintptr_t)buf[MLP_BWD_PACKED] % 64 == 28) db[0] = db[0] + 1.0f;
}

void faults_chain(struct faults *faults)
{
    static const struct planted fwd[] = {
        {"sound chain", fwd_sound, VERDICT_PASS, NULL, FAULT_OWN},
        {"chain's rectifier swallows NaN", fwd_nan, VERDICT_VALUE, NULL, FAULT_SPECIAL}};
    static const struct planted bwd[] = {
        {"sound chain backward", bwd_sound, VERDICT_PASS, NULL, FAULT_OWN},
        {"chain's mask drops where NaN", bwd_mask, VERDICT_VALUE, NULL, FAULT_SPECIAL},
        {"wrong at misaligned packed weights", bwd_misaligned, VERDICT_REPEAT, NULL, FAULT_PLACE}};
    struct kernel_spec spec = *kernel_spec("mlp_fwd");
    spec.name = "planted_chain";
    spec.fills = FILL_BIT(FILL_UNIT) | FILL_BIT(FILL_SPECIAL);
    spec.check_shapes = fwd_shapes;
    spec.check_shape_count = sizeof fwd_shapes / sizeof *fwd_shapes;
    faults_plant(faults, "mlp_fwd", &spec, fwd, sizeof fwd / sizeof *fwd);
    spec = *kernel_spec("mlp_bwd");
    spec.name = "planted_chain_bwd";
    spec.fills = FILL_BIT(FILL_UNIT) | FILL_BIT(FILL_SPECIAL);
    spec.check_shapes = bwd_shapes;
    spec.check_shape_count = sizeof bwd_shapes / sizeof *bwd_shapes;
    faults_plant(faults, "mlp_bwd", &spec, bwd, sizeof bwd / sizeof *bwd);
}
