/* The error of simd/exp2.h on its model, whose words the kernels' checks hold the other lanes to: every 61st f32 down
 * to where it is +0, and those around the worst. With an argument, every f32. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "simd/exp2.h"

static const uint32_t FIRST = 0x80000000u, LAST = 0xc3000000u, WORST = 0xbe6edfe0u;

static float as_float(uint32_t word)
{
    float x;
    memcpy(&x, &word, sizeof x);
    return x;
}

/* In units in the last place; below 2^-126 up to 2^-126.5 may be lost. */
static double error_of(float got, float x)
{
    const double want = exp2((double)x);
    if (want < 0x1p-126) return fabs((double)got - want) <= exp2(-126.5) ? 0.0 : INFINITY;
    return fabs((double)got - want) / ldexp(1.0, ilogb(want) - 23);
}

static double worst_of(uint32_t first, uint32_t last, uint32_t step, float *at)
{
    double worst = 0.0;
    for (uint64_t word = first; word <= last; word += (uint64_t)VL * step) {
        float x[VL], y[VL];
        for (uint32_t i = 0; i < VL; i++) x[i] = as_float((uint32_t)word + i * step);
        v_store(y, v_exp2_nonpositive(v_load(x)));
        for (int i = 0; i < VL; i++) {
            const double error = error_of(y[i], x[i]);
            if (!(error > worst)) continue;
            worst = error;
            *at = x[i];
        }
    }
    return worst;
}

int main(int argc, char **argv)
{
    float at = 0.0f, near = 0.0f, odd[VL];
    (void)argv;
    double worst = worst_of(FIRST, LAST, argc > 1 ? 1 : 61, &at);
    const double around = worst_of(WORST - 4096, WORST + 4096, 1, &near);
    if (around > worst) {
        worst = around;
        at = near;
    }
    v_store(odd, v_exp2_nonpositive(v_set1(NAN)));
    const float nan = odd[0];
    v_store(odd, v_exp2_nonpositive(v_set1(-INFINITY)));
    printf("exp2_nonpositive: %.4f ULP at %a, %g allowed; of NaN %g, of -inf %g\n", worst,
           (double)at, EXP2_ULP, (double)nan, (double)odd[0]);
    return worst > 1.9 && worst <= EXP2_ULP && isnan(nan) && odd[0] == 0.0f && !signbit(odd[0]) ? 0
                                                                                                : 1;
}
