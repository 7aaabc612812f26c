#include <assert.h>

#include "../isa.h"
#include "../simd/softmax.h"
#include "xent_fwd.h"

/* Short rows go sixteen at a time: while one is folded, the others are at work. */
enum { SHORT = 256 };

xent_fwd_fn ISA(xent_fwd);

/* The greatest logits of sixteen rows, or fewer, and what is summed of each: weights, probabilities, those times
 * x - max. */
struct rows {
    float max[VL], s[VL], p[VL], a[VL];
};

static float weights(const float *x, size_t n, float most, float rate)
{
    const size_t full = n - n % VL;
    const int rest = (int)(n % VL);
    const vf max = v_set1(most), by = v_set1(rate);
    vf s = v_zero();
    for (size_t j = 0; j < full; j += VL) s = v_add(s, row_weight(v_load(x + j), max, by));
    if (rest) s = v_add(s, row_weight(v_load_n(x + full, rest, -INFINITY), max, by));
    return v_sum(s);
}

static void soft(struct rows *t, int row, const float *x, const float *probs, size_t n)
{
    const size_t full = n - n % VL;
    const int rest = (int)(n % VL);
    const vf max = v_set1(t->max[row]);
    vf p = v_zero(), a = v_zero();
    for (size_t j = 0; j < full; j += VL) {
        const vf share = v_load(probs + j);
        p = v_add(p, share);
        a = v_fma(share, v_sub(v_load(x + j), max), a);
    }
    if (rest) {
        /* Absent lanes add -0 and -0 * 0, which leave both +0 and -0 as they were. */
        const vf share = v_load_n(probs + full, rest, -0.0f);
        p = v_add(p, share);
        a = v_fma(share, v_sub(v_load_n(x + full, rest, t->max[row]), max), a);
    }
    t->p[row] = v_sum(p);
    t->a[row] = v_sum(a);
}

static void finish(const struct xent_fwd *a, size_t i, const struct rows *t, int rows)
{
    const float r = 1.0f / a->tau;
    float l[VL];
    v_store(l, v_log(v_load(t->s)));
    for (int k = 0; k < rows; k++, i++) {
        a->lse[i] = fmaf(t->max[k], r, l[k]);
        if (!a->target) {
            a->loss[i] = fmaf(-t->a[k], r, t->p[k] * l[k]);
            continue;
        }
        assert(!a->n || (size_t)a->target[i] < a->n);
        const float x = a->n ? a->src[i * a->ld_src + (size_t)a->target[i]] : t->max[k];
        a->loss[i] = fmaf(t->max[k] - x, r, l[k]);
    }
}

void ISA(xent_fwd)(const struct xent_fwd *a)
{
    const size_t most = a->n <= SHORT ? VL : 1;
    for (size_t i = 0; i < a->m; i += most) {
        const int rows = (int)(a->m - i < most ? a->m - i : most);
        const float *x = a->src + i * a->ld_src;
        struct rows t = {0};
        for (int k = 0; k < rows; k++) t.max[k] = row_max(x + (size_t)k * a->ld_src, a->n);
        for (int k = 0; k < rows; k++)
            t.s[k] = weights(x + (size_t)k * a->ld_src, a->n, t.max[k], LOG2_E / a->tau);
        for (int k = 0; k < rows && !a->target; k++)
            soft(&t, k, x + (size_t)k * a->ld_src, a->probs + (i + (size_t)k) * a->ld_probs, a->n);
        finish(a, i, &t, rows);
    }
}
