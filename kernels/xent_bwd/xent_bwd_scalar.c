#include <assert.h>
#include <math.h>

#include "../isa.h"
#include "../simd/exp2.h"
#include "xent_bwd.h"

xent_bwd_fn ISA(xent_bwd);

/* Of sixteen classes or fewer. */
static void probabilities(float e[VL], const float *x, size_t n, float r, float lse)
{
    OMP_SIMD()
    for (size_t l = 0; l < n; l++) {
        const float t = fmaf(x[l], r, -lse);
        e[l] = (0.0f < t ? 0.0f : t) * LOG2_E;
    }
    for (size_t l = n; l < VL; l++) e[l] = 0.0f;
    v_store(e, v_exp2_nonpositive(v_load(e)));
}

void ISA(xent_bwd)(const struct xent_bwd *a)
{
    const float r = 1.0f / a->tau;
    for (size_t i = 0; i < a->m; i++) {
        const float *x = a->src + i * a->ld_src;
        const float *probs = a->target ? NULL : a->probs + i * a->ld_probs;
        const float scale = a->dloss[i] * r;
        float *dsrc = a->dsrc + i * a->ld_dsrc, at[VL];
        assert(!a->target || !a->n || (size_t)a->target[i] < a->n);
        if (a->target && a->n) probabilities(at, x + a->target[i], 1, r, a->lse[i]);
        for (size_t j = 0; j < a->n; j += VL) {
            const size_t count = a->n - j < VL ? a->n - j : VL;
            float e[VL];
            probabilities(e, x + j, count, r, a->lse[i]);
            OMP_SIMD()
            for (size_t l = 0; l < count; l++)
                dsrc[j + l] = (probs ? e[l] - probs[j + l] : e[l]) * scale;
        }
        if (a->target && a->n) dsrc[a->target[i]] = (at[0] - 1.0f) * scale;
    }
}
