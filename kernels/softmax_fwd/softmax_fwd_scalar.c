#include <math.h>

#include "../isa.h"
#include "../simd/exp2.h"
#include "softmax_fwd.h"

softmax_fwd_fn ISA(softmax_fwd);

static float fold(float part[VL])
{
    for (int half = VL / 2; half; half /= 2) {
        OMP_SIMD()
        for (int p = 0; p < half; p++) part[p] += part[p + half];
    }
    return part[0];
}

static float greatest(const float *x, size_t n)
{
    float part[VL], max = -INFINITY;
    for (int p = 0; p < VL; p++) part[p] = -INFINITY;
    for (size_t j = 0; j < n; j += VL) {
        const size_t parts = n - j < VL ? n - j : VL;
        OMP_SIMD()
        for (size_t p = 0; p < parts; p++) part[p] = x[j + p] > part[p] ? x[j + p] : part[p];
    }
    for (int p = 0; p < VL; p++) max = part[p] > max ? part[p] : max;
    return max;
}

static void row(float *dst, const float *src, size_t n, float rate)
{
    const float max = greatest(src, n);
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
    const float share = 1.0f / fold(sum);
    OMP_SIMD()
    for (size_t j = 0; j < n; j++) dst[j] *= share;
}

void ISA(softmax_fwd)(const struct softmax_fwd *a)
{
    const float rate = LOG2_E / a->tau;
    for (size_t i = 0; i < a->m; i++)
        row(a->dst + i * a->ld_dst, a->src + i * a->ld_src, a->n, rate);
}
