#include "roofs_simd.h"

#include "isa.h"
#include "simd/vec.h"

/* Chains enough to cover latency (4 cycles x 2 units on two ymm halves a vf); all stay in
 * registers. */
#ifdef TARGET_AVX512
enum { CHAINS = ROOF_CHAINS_AVX512 };
#else
enum { CHAINS = ROOF_CHAINS_AVX2 };
#endif
enum { LOADS = 8, PART = 4 };

/* Between passes: the compiler may not carry what it loaded or stored from one to the next. */
#define NEW_PASS() __asm__ volatile("" : : : "memory")

float ISA(roof_fma)(size_t steps, const float *x)
{
    vf acc[CHAINS];
    /* From memory: equal halves of a vf would be computed once and counted twice. */
    const vf a = v_load(x), b = v_load(x + VL);
    UNROLL
    for (int i = 0; i < CHAINS; i++) acc[i] = v_load(x + i * VL);
    for (size_t s = 0; s < steps; s++) UNROLL
    for (int i = 0; i < CHAINS; i++) acc[i] = v_fma(a, acc[i], b);
    UNROLL
    for (int i = 1; i < CHAINS; i++) acc[0] = v_add(acc[0], acc[i]);
    return v_sum(acc[0]);
}

/* PART vectors a step, which on AVX2 are 8 registers. */
float ISA(roof_load)(const float *p, size_t n, size_t times)
{
    vf most[PART];
    UNROLL
    for (int i = 0; i < PART; i++) most[i] = v_zero();
    for (size_t t = 0; t < times; t++) {
        NEW_PASS();
        for (size_t at = 0; at < n; at += LOADS * VL) UNROLL
        for (int i = 0; i < LOADS; i++)
            most[i % PART] = v_max(most[i % PART], v_load(p + at + i * VL));
    }
    UNROLL
    for (int i = 1; i < PART; i++) most[0] = v_max(most[0], most[i]);
    return v_hmax(most[0]);
}

void ISA(roof_store)(float *p, size_t n, size_t times)
{
    const vf v = v_set1(0.5f);
    for (size_t t = 0; t < times; t++) {
        NEW_PASS();
        for (size_t at = 0; at < n; at += LOADS * VL) UNROLL
        for (int i = 0; i < LOADS; i++) v_store(p + at + i * VL, v);
    }
}

void ISA(roof_copy)(float *restrict dst, const float *restrict src, size_t n, size_t times)
{
    for (size_t t = 0; t < times; t++) {
        NEW_PASS();
        for (size_t at = 0; at < n; at += LOADS * VL) UNROLL
        for (int i = 0; i < LOADS; i++) v_store(dst + at + i * VL, v_load(src + at + i * VL));
    }
}

void ISA(roof_update)(float *restrict dst, const float *restrict src, size_t n, size_t times)
{
    const vf half = v_set1(0.5f);
    for (size_t t = 0; t < times; t++) {
        NEW_PASS();
        for (size_t at = 0; at < n; at += LOADS * VL) UNROLL
        for (int i = 0; i < LOADS; i++) {
            float *to = dst + at + i * VL;
            v_store(to, v_fma(v_load(to), half, v_load(src + at + i * VL)));
        }
    }
}

void ISA(roof_triad)(float *restrict dst, const float *restrict src, const float *restrict more,
                     size_t n, size_t times)
{
    const vf half = v_set1(0.5f);
    for (size_t t = 0; t < times; t++) {
        NEW_PASS();
        for (size_t at = 0; at < n; at += LOADS * VL) UNROLL
        for (int i = 0; i < LOADS; i++) {
            const size_t here = at + (size_t)i * VL;
            v_store(dst + here, v_fma(v_load(more + here), half, v_load(src + here)));
        }
    }
}
