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
