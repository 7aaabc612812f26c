#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "../isa.h"
#include "../simd/exp2.h"
#include "xent_bwd.h"

xent_bwd_fn ISA(xent_bwd);

V_INLINE vf probability(vf x, vf inverse_tau, vf minus_lse)
{
    const vf t = v_min(v_zero(), v_fma(x, inverse_tau, minus_lse));
    return v_exp2_nonpositive(v_mul(t, v_set1(LOG2_E)));
}

V_INLINE void row(const struct xent_bwd *a, size_t i, const bool soft)
{
    const size_t n = a->n, full = n - n % VL;
    const int rest = (int)(n % VL);
    const float *x = a->src + i * a->ld_src, *probs = soft ? a->probs + i * a->ld_probs : NULL;
    float *dsrc = a->dsrc + i * a->ld_dsrc;
    const float inverse_tau = 1.0f / a->tau;
    assert(soft || n == 0 || (size_t)a->target[i] < n);
    const vf r = v_set1(inverse_tau), minus_lse = v_set1(-a->lse[i]);
    const vf scale = v_set1(a->dloss[i] * inverse_tau);
    const float at = soft || n == 0 ? 0.0f : x[a->target[i]];
    for (size_t j = 0; j < full; j += VL) {
        vf e = probability(v_load(x + j), r, minus_lse);
        if (soft) e = v_sub(e, v_load(probs + j));
        v_store(dsrc + j, v_mul(e, scale));
    }
    if (rest) {
        vf e = probability(v_load_n(x + full, rest, 0.0f), r, minus_lse);
        if (soft) e = v_sub(e, v_load_n(probs + full, rest, 0.0f));
        v_store_n(dsrc + full, v_mul(e, scale), rest);
    }
    if (soft || n == 0) return;
    const vf e = probability(v_set1(at), r, minus_lse);
    v_store_n(dsrc + a->target[i], v_mul(v_sub(e, v_set1(1.0f)), scale), 1);
}

void ISA(xent_bwd)(const struct xent_bwd *a)
{
    for (size_t i = 0; i < a->m; i++)
        if (a->target)
            row(a, i, false);
        else
            row(a, i, true);
}
