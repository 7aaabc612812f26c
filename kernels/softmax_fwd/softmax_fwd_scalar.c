#include <math.h>

#include "../scalar.h"
#include "../simd/exp2.h"
#include "softmax_fwd.h"

softmax_fwd_fn ISA(softmax_fwd);

static void row(float *dst, const float *src, size_t n, float rate)
{
    const float max = scalar_greatest(src, n);
    float sum[VL] = {0};
    for (size_t j = 0; j < n; j += VL) {
        const size_t parts = n - j < VL ? n - j : VL;
        float e[VL] = {0};
        OMP_SIMD()
        for (size_t p = 0; p < parts; p++) e[p] = (src[j + p] - max) * rate;
        v_store(e, v_exp2_nonpositive(v_load(e)));
        OMP_SIMD()
        for (size_t p = 0; p < parts; p++) {
            dst[j + p] = e[p];
            sum[p] += e[p];
        }
    }
    const float share = 1.0f / scalar_fold(sum, VL);
    OMP_SIMD()
    for (size_t j = 0; j < n; j++) dst[j] *= share;
}

void ISA(softmax_fwd)(const struct softmax_fwd *a)
{
    const float rate = LOG2_E / a->tau;
    for (size_t i = 0; i < a->m; i++)
        row(a->dst + i * a->ld_dst, a->src + i * a->ld_src, a->n, rate);
}
