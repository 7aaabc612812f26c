#include <math.h>

#include "../isa.h"
#include "../simd/exp2.h"
#include "../simd/gelu.h"
#include "gelu_bwd.h"

gelu_bwd_fn ISA(gelu_bwd);

static float near_zero(float x)
{
    const float c = -GELU_FAR > x ? -GELU_FAR : x;
    return GELU_FAR < c ? GELU_FAR : c;
}

/* The factors on the gradient of sixteen elements or fewer. */
static void of_erf(float f[VL], const float *src, size_t n)
{
    float c[VL] = {0}, z[VL] = {0}, e[VL] = {0};
    OMP_SIMD()
    for (size_t i = 0; i < n; i++) {
        c[i] = near_zero(src[i]);
        z[i] = c[i] * GELU_SQRT_HALF;
        e[i] = c[i] * (-0.5f * LOG2_E) * c[i];
    }
    v_store(z, v_erf(v_load(z)));
    v_store(e, v_exp2_nonpositive(v_load(e)));
    OMP_SIMD()
    for (size_t i = 0; i < n; i++) f[i] = fmaf(c[i] * GELU_DENSITY, e[i], fmaf(0.5f, z[i], 0.5f));
}

static void of_tanh(float f[VL], const float *src, size_t n)
{
    float c[VL] = {0}, y[VL] = {0}, e[VL] = {0};
    OMP_SIMD()
    for (size_t i = 0; i < n; i++) {
        c[i] = near_zero(src[i]);
        y[i] = c[i] * fmaf(GELU_3, c[i] * c[i], GELU_1);
        e[i] = -fabsf(y[i]);
    }
    v_store(e, v_exp2_nonpositive(v_load(e)));
    OMP_SIMD()
    for (size_t i = 0; i < n; i++) {
        const float slope = fmaf(GELU_SLOPE_3, c[i] * c[i], GELU_SLOPE_1);
        const float r = 1.0f / (1.0f + e[i]), g = e[i] * r;
        f[i] = fmaf(c[i] * slope, g * r, y[i] < 0.0f ? g : r);
    }
}

void ISA(gelu_bwd)(float *dsrc, const float *ddst, const float *src, size_t n, bool tanh)
{
    for (size_t i = 0; i < n; i += VL) {
        const size_t count = n - i < VL ? n - i : VL;
        float f[VL];
        (tanh ? of_tanh : of_erf)(f, src + i, count);
        OMP_SIMD()
        for (size_t l = 0; l < count; l++) dsrc[i + l] = ddst[i + l] * f[l];
    }
}
