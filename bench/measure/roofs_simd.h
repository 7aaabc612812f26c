/* The loops whose speed is a roof, one set per lane. */
#ifndef MEASURE_ROOFS_SIMD_H
#define MEASURE_ROOFS_SIMD_H

#include <stddef.h>

/* `steps` times 32 * ROOF_CHAINS flops on the 16 * ROOF_CHAINS floats at x, below 1 in magnitude; the result
 * keeps the compiler from dropping them. */
enum { ROOF_CHAINS_AVX2 = 6, ROOF_CHAINS_AVX512 = 12 };
typedef float roof_fma_fn(size_t steps, const float *x);
/* Reads n floats, a multiple of 128. */
typedef float roof_load_fn(const float *p, size_t n);
/* Writes n floats, a multiple of 128. */
typedef void roof_store_fn(float *p, size_t n, float x);

roof_fma_fn roof_fma_avx2, roof_fma_avx512;
roof_load_fn roof_load_avx2, roof_load_avx512;
roof_store_fn roof_store_avx2, roof_store_avx512;

#endif
