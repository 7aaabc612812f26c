/* relu_fwd for AVX-512 that loses the last element of a full tail: takes the place of the right one in
 * hinge_broken, so that an emulated check that passes everything is found out. */
#include <immintrin.h>
#include <stddef.h>

void relu_fwd_avx512(float *dst, const float *src, size_t n);

void relu_fwd_avx512(float *dst, const float *src, size_t n)
{
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        _mm512_storeu_ps(dst + i, _mm512_max_ps(_mm512_setzero_ps(), _mm512_loadu_ps(src + i)));
    const __mmask16 rest = (__mmask16)((1u << (n - i)) - 1u) >> 1;
    _mm512_mask_storeu_ps(dst + i, rest,
                          _mm512_max_ps(_mm512_setzero_ps(), _mm512_maskz_loadu_ps(rest, src + i)));
}
