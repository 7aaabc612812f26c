#include "roofs_simd.h"

#include "isa.h"
#include "simd/vec.h"

/* Chains enough to cover latency (4 cycles x 2 units on two ymm halves a vf); all stay in registers. */
#ifdef TARGET_AVX512
enum { CHAINS = ROOF_CHAINS_AVX512 };
#else
enum { CHAINS = ROOF_CHAINS_AVX2 };
#endif
enum { LOADS = 8 };

float ISA(roof_fma)(size_t steps, const float *x)
{
    vf acc[CHAINS];
    /* From memory: equal halves of a vf would be computed once and counted twice. */
    const vf a = v_load(x), b = v_load(x + VL);
    UNROLL for (int i = 0; i < CHAINS; i++) acc[i] = v_load(x + i * VL);
    for (size_t s = 0; s < steps; s++)
        UNROLL for (int i = 0; i < CHAINS; i++) acc[i] = v_fma(a, acc[i], b);
    UNROLL for (int i = 1; i < CHAINS; i++) acc[0] = v_add(acc[0], acc[i]);
    return v_sum(acc[0]);
}

float ISA(roof_load)(const float *p, size_t n)
{
    vf sum[LOADS];
    UNROLL for (int i = 0; i < LOADS; i++) sum[i] = v_zero();
    for (size_t at = 0; at < n; at += LOADS * VL)
        UNROLL for (int i = 0; i < LOADS; i++) sum[i] = v_max(sum[i], v_load(p + at + i * VL));
    UNROLL for (int i = 1; i < LOADS; i++) sum[0] = v_max(sum[0], sum[i]);
    return v_hmax(sum[0]);
}

void ISA(roof_store)(float *p, size_t n, float x)
{
    const vf v = v_set1(x);
    for (size_t at = 0; at < n; at += LOADS * VL)
        UNROLL for (int i = 0; i < LOADS; i++) v_store(p + at + i * VL, v);
}
