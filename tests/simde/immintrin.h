/* <immintrin.h> of the avx512 lane in a build with HINGE_SIMDE: AVX-512 by SIMDe on AVX2, and the
 * intrinsics of simd/vec_avx512.h that Debian 12's SIMDe (0.7.4) lacks or has wrong. tests/test_vec.c holds
 * both to the model. */
#ifndef TESTS_SIMDE_IMMINTRIN_H
#define TESTS_SIMDE_IMMINTRIN_H

#include_next <immintrin.h> /* the compiler's own, also for SIMDe: it would find this file again */

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>

#include <math.h>

#define SHIM static inline __attribute__((always_inline))

SHIM __m256i shim_first8(__mmask16 mask)
{
    const __m256i bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    return _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32(mask), bit), bit);
}

#undef _mm512_mask_loadu_ps
#define _mm512_mask_loadu_ps(src, mask, from) shim_mask_loadu_ps(src, mask, from)
SHIM __m512 shim_mask_loadu_ps(__m512 src, __mmask16 mask, const void *from)
{
    const __m256i lo = shim_first8(mask), hi = shim_first8((__mmask16)(mask >> 8));
    simde__m512_private r = simde__m512_to_private(src);
    r.m256[0] = _mm256_blendv_ps(r.m256[0], _mm256_maskload_ps(from, lo), _mm256_castsi256_ps(lo));
    r.m256[1] = _mm256_blendv_ps(r.m256[1], _mm256_maskload_ps((const float *)from + 8, hi),
                                 _mm256_castsi256_ps(hi));
    return simde__m512_from_private(r);
}

#undef _mm512_mask_storeu_ps
#define _mm512_mask_storeu_ps(to, mask, a) shim_mask_storeu_ps(to, mask, a)
SHIM void shim_mask_storeu_ps(void *to, __mmask16 mask, __m512 a)
{
    const simde__m512_private r = simde__m512_to_private(a);
    _mm256_maskstore_ps(to, shim_first8(mask), r.m256[0]);
    _mm256_maskstore_ps((float *)to + 8, shim_first8((__mmask16)(mask >> 8)), r.m256[1]);
}

#undef _mm512_stream_ps
#define _mm512_stream_ps(to, a) shim_stream_ps(to, a)
SHIM void shim_stream_ps(float *to, __m512 a)
{
    const simde__m512_private r = simde__m512_to_private(a);
    _mm256_stream_ps(to, r.m256[0]);
    _mm256_stream_ps(to + 8, r.m256[1]);
}

#undef _mm512_cvtepi32_ps
#define _mm512_cvtepi32_ps(a) shim_cvtepi32_ps(a)
SHIM __m512 shim_cvtepi32_ps(__m512i a)
{
    const simde__m512i_private x = simde__m512i_to_private(a);
    simde__m512_private r;
    r.m256[0] = _mm256_cvtepi32_ps(x.m256i[0]);
    r.m256[1] = _mm256_cvtepi32_ps(x.m256i[1]);
    return simde__m512_from_private(r);
}

#undef _mm512_cvtps_pd
#define _mm512_cvtps_pd(a) shim_cvtps_pd(a)
SHIM __m512d shim_cvtps_pd(__m256 a)
{
    simde__m512d_private r;
    r.m256d[0] = _mm256_cvtps_pd(_mm256_castps256_ps128(a));
    r.m256d[1] = _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1));
    return simde__m512d_from_private(r);
}

/* SIMDe's leaves the sign of -0 and of NaN. */
#undef _mm512_abs_ps
#define _mm512_abs_ps(a) shim_abs_ps(a)
SHIM __m512 shim_abs_ps(__m512 a)
{
    simde__m512_private r = simde__m512_to_private(a);
    r.m256[0] = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), r.m256[0]);
    r.m256[1] = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), r.m256[1]);
    return simde__m512_from_private(r);
}

/* SIMDe's makes 2^b a float first, which has fewer exponents than the results. */
#undef _mm512_scalef_ps
#define _mm512_scalef_ps(a, b) shim_scalef_ps(a, b)
SHIM __m512 shim_scalef_ps(__m512 a, __m512 b)
{
    simde__m512_private r = simde__m512_to_private(a);
    const simde__m512_private n = simde__m512_to_private(b);
    for (int i = 0; i < 16; i++)
        if (!isnan(r.f32[i])) r.f32[i] = ldexpf(r.f32[i], (int)floorf(n.f32[i]));
    return simde__m512_from_private(r);
}

#undef _mm512_extractf32x8_ps
#define _mm512_extractf32x8_ps(a, half) (simde__m512_to_private(a).m256[half])

#undef _mm512_shuffle_f32x4
#define _mm512_shuffle_f32x4(a, b, pick) shim_shuffle_f32x4(a, b, pick)
SHIM __m512 shim_shuffle_f32x4(__m512 a, __m512 b, int pick)
{
    const simde__m512_private x = simde__m512_to_private(a), y = simde__m512_to_private(b);
    simde__m512_private r;
    r.m128[0] = x.m128[pick & 3];
    r.m128[1] = x.m128[pick >> 2 & 3];
    r.m128[2] = y.m128[pick >> 4 & 3];
    r.m128[3] = y.m128[pick >> 6 & 3];
    return simde__m512_from_private(r);
}

#endif
