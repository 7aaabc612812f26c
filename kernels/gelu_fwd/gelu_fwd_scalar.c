#include <math.h>

#include "../isa.h"
#include "../simd/exp2.h"
#include "../simd/gelu.h"
#include "gelu_fwd.h"

gelu_fwd_fn ISA(gelu_fwd);

/* Sixteen elements or fewer. */
static void with_erf(float *dst, const float *src, size_t n)
{
    float c[VL] = {0}, z[VL] = {0};
    OMP_SIMD()
    for (size_t i = 0; i < n; i++) {
        c[i] = -GELU_FAR > src[i] ? -GELU_FAR : src[i];
        z[i] = c[i] * GELU_SQRT_HALF;
    }
    v_store(z, v_erf(v_load(z)));
    OMP_SIMD()
    for (size_t i = 0; i < n; i++) dst[i] = c[i] * 0.5f * (1.0f + z[i]);
}

static void with_tanh(float *dst, const float *src, size_t n)
{
    float c[VL] = {0}, y[VL] = {0}, e[VL] = {0};
    OMP_SIMD()
    for (size_t i = 0; i < n; i++) {
        c[i] = -GELU_FAR > src[i] ? -GELU_FAR : src[i];
        y[i] = c[i] * fmaf(GELU_3, c[i] * c[i], GELU_1);
        e[i] = -fabsf(y[i]);
    }
    v_store(e, v_exp2_nonpositive(v_load(e)));
    OMP_SIMD()
    for (size_t i = 0; i < n; i++) dst[i] = c[i] * (y[i] < 0.0f ? e[i] : 1.0f) / (1.0f + e[i]);
}

void ISA(gelu_fwd)(float *dst, const float *src, size_t n, bool tanh)
{
    for (size_t i = 0; i < n; i += VL)
        (tanh ? with_tanh : with_erf)(dst + i, src + i, n - i < VL ? n - i : VL);
}
