/* AVX-512 F, BW, DQ and VL: one vf is one zmm register. */
#include <immintrin.h>

typedef __m512 vf;
typedef __m512i vi;
typedef __mmask16 vm;

V_INLINE vf v_set1(float x) { return _mm512_set1_ps(x); }
V_INLINE vf v_zero(void) { return _mm512_setzero_ps(); }

V_INLINE vf v_load(const float *p) { return _mm512_loadu_ps(p); }
V_INLINE void v_store(float *p, vf a) { _mm512_storeu_ps(p, a); }
V_INLINE vm v_first(int n) { return (vm)((1u << n) - 1u); }
V_INLINE vf v_load_n(const float *p, int n, float fill)
{
    return _mm512_mask_loadu_ps(v_set1(fill), v_first(n), p);
}
V_INLINE void v_store_n(float *p, vf a, int n) { _mm512_mask_storeu_ps(p, v_first(n), a); }
V_INLINE void v_stream(float *p, vf a) { _mm512_stream_ps(p, a); }
V_INLINE void v_stream_end(void) { _mm_sfence(); }

V_INLINE vf v_add(vf a, vf b) { return _mm512_add_ps(a, b); }
V_INLINE vf v_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
V_INLINE vf v_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
V_INLINE vf v_div(vf a, vf b) { return _mm512_div_ps(a, b); }
V_INLINE vf v_sqrt(vf a) { return _mm512_sqrt_ps(a); }
V_INLINE vf v_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
V_INLINE vf v_fnma(vf a, vf b, vf c) { return _mm512_fnmadd_ps(a, b, c); }
V_INLINE vf v_max(vf a, vf b) { return _mm512_max_ps(a, b); }
V_INLINE vf v_min(vf a, vf b) { return _mm512_min_ps(a, b); }
V_INLINE vf v_round(vf a)
{
    return _mm512_roundscale_ps(a, (_MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
V_INLINE vf v_abs(vf a) { return _mm512_abs_ps(a); }
V_INLINE vf v_scale(vf a, vf t) { return _mm512_scalef_ps(a, v_sub(t, v_set1(V_SCALE))); }
V_INLINE vf v_scale_down(vf a, vf t) { return _mm512_scalef_ps(a, v_sub(t, v_set1(V_SCALE_DOWN))); }

V_INLINE vm v_gt(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
V_INLINE vm v_lt(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
V_INLINE vm v_eq(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
V_INLINE vm v_nle(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_NLE_UQ); }
V_INLINE vf v_select(vm m, vf yes, vf no) { return _mm512_mask_blend_ps(m, no, yes); }
V_INLINE vf v_keep(vm m, vf yes) { return _mm512_maskz_mov_ps(m, yes); }
V_INLINE int v_count(vm m) { return __builtin_popcount((unsigned)m); }

#define FOLD(name, op8, op4, op1)                                                                  \
    V_INLINE float name(vf x)                                                                      \
    {                                                                                              \
        const __m256 a = op8(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));             \
        const __m128 b = op4(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));              \
        const __m128 c = op4(b, _mm_movehl_ps(b, b));                                              \
        return _mm_cvtss_f32(op1(c, _mm_shuffle_ps(c, c, 1)));                                     \
    }
FOLD(v_sum, _mm256_add_ps, _mm_add_ps, _mm_add_ss)
FOLD(v_hmax, _mm256_max_ps, _mm_max_ps, _mm_max_ss)
FOLD(v_hmin, _mm256_min_ps, _mm_min_ps, _mm_min_ss)
#undef FOLD

V_INLINE void v_transpose(vf r[VL])
{
    vf t[VL], s[VL];
    UNROLL for (int i = 0; i < VL; i += 2) {
        t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
    }
    UNROLL for (int i = 0; i < VL; i += 4) {
        s[i] = _mm512_shuffle_ps(t[i], t[i + 2], 0x44);
        s[i + 1] = _mm512_shuffle_ps(t[i], t[i + 2], 0xee);
        s[i + 2] = _mm512_shuffle_ps(t[i + 1], t[i + 3], 0x44);
        s[i + 3] = _mm512_shuffle_ps(t[i + 1], t[i + 3], 0xee);
    }
    UNROLL for (int i = 0; i < 4; i++) {
        t[i] = _mm512_shuffle_f32x4(s[i], s[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_f32x4(s[i], s[i + 4], 0xdd);
        t[i + 8] = _mm512_shuffle_f32x4(s[i + 8], s[i + 12], 0x88);
        t[i + 12] = _mm512_shuffle_f32x4(s[i + 8], s[i + 12], 0xdd);
    }
    UNROLL for (int i = 0; i < 8; i++) {
        r[i] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0x88);
        r[i + 8] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0xdd);
    }
}

typedef struct {
    __m512d lo, hi;
} vd;
V_INLINE vd vd_zero(void) { return (vd){_mm512_setzero_pd(), _mm512_setzero_pd()}; }
V_INLINE vd vd_wide(vf a)
{
    return (vd){_mm512_cvtps_pd(_mm512_castps512_ps256(a)), _mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1))};
}
V_INLINE vd vd_add(vd s, vf a)
{
    const vd w = vd_wide(a);
    return (vd){_mm512_add_pd(s.lo, w.lo), _mm512_add_pd(s.hi, w.hi)};
}
V_INLINE vd vd_fma(vf a, vf b, vd s)
{
    const vd v = vd_wide(a), w = vd_wide(b);
    return (vd){_mm512_fmadd_pd(v.lo, w.lo, s.lo), _mm512_fmadd_pd(v.hi, w.hi, s.hi)};
}
V_INLINE double vd_sum(vd a)
{
    const __m512d e = _mm512_add_pd(a.lo, a.hi);
    const __m256d f = _mm256_add_pd(_mm512_castpd512_pd256(e), _mm512_extractf64x4_pd(e, 1));
    const __m128d g = _mm_add_pd(_mm256_castpd256_pd128(f), _mm256_extractf128_pd(f, 1));
    return _mm_cvtsd_f64(_mm_add_sd(g, _mm_unpackhi_pd(g, g)));
}

V_INLINE vi vi_set1(uint32_t x) { return _mm512_set1_epi32((int)x); }
V_INLINE vi vi_iota(uint32_t first)
{
    return _mm512_add_epi32(_mm512_set1_epi32((int)first),
                            _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}
V_INLINE vi vi_bits(vf a) { return _mm512_castps_si512(a); }
V_INLINE vf vi_float_bits(vi a) { return _mm512_castsi512_ps(a); }
V_INLINE vi vi_add(vi a, vi b) { return _mm512_add_epi32(a, b); }
V_INLINE vi vi_sub(vi a, vi b) { return _mm512_sub_epi32(a, b); }
V_INLINE vi vi_xor(vi a, vi b) { return _mm512_xor_si512(a, b); }
V_INLINE vi vi_and(vi a, vi b) { return _mm512_and_si512(a, b); }
V_INLINE vi vi_or(vi a, vi b) { return _mm512_or_si512(a, b); }
V_INLINE vi vi_shl(vi a, int by) { return _mm512_slli_epi32(a, (unsigned)by); }
V_INLINE vi vi_shr(vi a, int by) { return _mm512_srli_epi32(a, (unsigned)by); }
V_INLINE vi vi_mul_lo(vi a, vi b) { return _mm512_mullo_epi32(a, b); }
V_INLINE vi vi_mul_hi(vi a, vi b)
{
    const __m512i even = _mm512_srli_epi64(_mm512_mul_epu32(a, b), 32);
    const __m512i odd = _mm512_mul_epu32(_mm512_srli_epi64(a, 32), _mm512_srli_epi64(b, 32));
    return _mm512_mask_mov_epi32(even, 0xaaaa, odd);
}
V_INLINE vf vi_to_float(vi a) { return _mm512_cvtepi32_ps(a); }
V_INLINE vm vi_gt(vi a, vi b) { return _mm512_cmpgt_epi32_mask(a, b); }
V_INLINE vm vi_eq(vi a, vi b) { return _mm512_cmpeq_epi32_mask(a, b); }
