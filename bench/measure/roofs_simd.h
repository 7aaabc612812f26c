/* The loops whose speed is a roof, one set per lane. */
#ifndef MEASURE_ROOFS_SIMD_H
#define MEASURE_ROOFS_SIMD_H

#include <stddef.h>

/* `steps` times 32 * ROOF_CHAINS flops on the 16 * ROOF_CHAINS floats at x, below 1 in magnitude;
 * the result keeps the compiler from dropping them. */
enum { ROOF_CHAINS_AVX2 = 6, ROOF_CHAINS_AVX512 = 12 };
typedef float roof_fma_fn(size_t steps, const float *x);
/* The rest make `times` passes over n floats, a multiple of 128; a pass inside, so that the call
 * and the fold at its end do not lower L1's roof. */
typedef float roof_load_fn(const float *p, size_t n, size_t times);
typedef void roof_store_fn(float *p, size_t n, size_t times);
/* dst = src. */
typedef void roof_copy_fn(float *restrict dst, const float *restrict src, size_t n, size_t times);
/* dst = src + 0.5 dst: axpy's traffic, two loads and a store in place. */
typedef void roof_update_fn(float *restrict dst, const float *restrict src, size_t n, size_t times);
/* dst = src + 0.5 more: STREAM's triad. */
typedef void roof_triad_fn(float *restrict dst, const float *restrict src,
                           const float *restrict more, size_t n, size_t times);

roof_fma_fn roof_fma_avx2, roof_fma_avx512;
roof_load_fn roof_load_avx2, roof_load_avx512;
roof_store_fn roof_store_avx2, roof_store_avx512;
roof_copy_fn roof_copy_avx2, roof_copy_avx512;
roof_update_fn roof_update_avx2, roof_update_avx512;
roof_triad_fn roof_triad_avx2, roof_triad_avx512;

#endif
