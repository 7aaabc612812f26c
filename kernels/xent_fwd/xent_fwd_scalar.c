#include <assert.h>
#include <math.h>

#include "../scalar.h"
#include "../simd/exp2.h"
#include "xent_fwd.h"

xent_fwd_fn ISA(xent_fwd);

static float log_of(float x)
{
    float l[VL];
    v_store(l, v_log(v_set1(x)));
    return l[0];
}

static float weights(const float *x, size_t n, float max, float rate)
{
    float sum[VL] = {0};
    for (size_t j = 0; j < n; j += VL) {
        const size_t parts = n - j < VL ? n - j : VL;
        float e[VL] = {0};
        OMP_SIMD()
        for (size_t p = 0; p < parts; p++) e[p] = (x[j + p] - max) * rate;
        v_store(e, v_exp2_nonpositive(v_load(e)));
        OMP_SIMD()
        for (size_t p = 0; p < parts; p++) sum[p] += e[p];
    }
    return scalar_fold(sum, VL);
}

static float soft_loss(const float *x, const float *probs, size_t n, float max, float r, float l)
{
    float p[VL] = {0}, a[VL] = {0};
    for (size_t j = 0; j < n; j += VL) {
        const size_t parts = n - j < VL ? n - j : VL;
        OMP_SIMD()
        for (size_t k = 0; k < parts; k++) {
            p[k] += probs[j + k];
            a[k] = fmaf(probs[j + k], x[j + k] - max, a[k]);
        }
    }
    return fmaf(-scalar_fold(a, VL), r, scalar_fold(p, VL) * l);
}

void ISA(xent_fwd)(const struct xent_fwd *a)
{
    const float r = 1.0f / a->tau, rate = LOG2_E / a->tau;
    const size_t n = a->n;
    for (size_t i = 0; i < a->m; i++) {
        const float *x = a->src + i * a->ld_src, max = scalar_greatest(x, n);
        assert(!a->target || !n || (size_t)a->target[i] < n);
        const float l = log_of(weights(x, n, max, rate));
        a->lse[i] = fmaf(max, r, l);
        if (a->target)
            a->loss[i] = fmaf(max - (n ? x[a->target[i]] : max), r, l);
        else
            a->loss[i] = soft_loss(x, a->probs + i * a->ld_probs, n, max, r, l);
    }
}
