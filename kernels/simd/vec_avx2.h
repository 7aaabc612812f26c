/* AVX2 and FMA: one vf is two ymm registers. */
#include <immintrin.h>

typedef struct {
    __m256 lo, hi;
} vf;
typedef struct {
    __m256i lo, hi;
} vi;
typedef struct {
    __m256 lo, hi; /* all bits of a lane set or clear */
} vm;
#define V1(op, a) ((vf){op((a).lo), op((a).hi)})
#define V2(op, a, b) ((vf){op((a).lo, (b).lo), op((a).hi, (b).hi)})
#define V3(op, a, b, c) ((vf){op((a).lo, (b).lo, (c).lo), op((a).hi, (b).hi, (c).hi)})

V_INLINE vf v_set1(float x) { const __m256 v = _mm256_set1_ps(x); return (vf){v, v}; }
V_INLINE vf v_zero(void) { return (vf){_mm256_setzero_ps(), _mm256_setzero_ps()}; }

V_INLINE vf v_load(const float *p) { return (vf){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
V_INLINE void v_store(float *p, vf a) { _mm256_storeu_ps(p, a.lo); _mm256_storeu_ps(p + 8, a.hi); }
V_INLINE __m256i v_first8(int n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
V_INLINE vf v_load_n(const float *p, int n, float fill)
{
    const __m256i m0 = v_first8(n), m1 = v_first8(n - 8);
    const __m256 f = _mm256_set1_ps(fill);
    return (vf){_mm256_blendv_ps(f, _mm256_maskload_ps(p, m0), _mm256_castsi256_ps(m0)),
                _mm256_blendv_ps(f, _mm256_maskload_ps(p + 8, m1), _mm256_castsi256_ps(m1))};
}
V_INLINE void v_store_n(float *p, vf a, int n)
{
    _mm256_maskstore_ps(p, v_first8(n), a.lo);
    _mm256_maskstore_ps(p + 8, v_first8(n - 8), a.hi);
}
V_INLINE void v_stream(float *p, vf a) { _mm256_stream_ps(p, a.lo); _mm256_stream_ps(p + 8, a.hi); }
V_INLINE void v_stream_end(void) { _mm_sfence(); }

V_INLINE vf v_add(vf a, vf b) { return V2(_mm256_add_ps, a, b); }
V_INLINE vf v_sub(vf a, vf b) { return V2(_mm256_sub_ps, a, b); }
V_INLINE vf v_mul(vf a, vf b) { return V2(_mm256_mul_ps, a, b); }
V_INLINE vf v_div(vf a, vf b) { return V2(_mm256_div_ps, a, b); }
V_INLINE vf v_sqrt(vf a) { return V1(_mm256_sqrt_ps, a); }
V_INLINE vf v_fma(vf a, vf b, vf c) { return V3(_mm256_fmadd_ps, a, b, c); }
V_INLINE vf v_fnma(vf a, vf b, vf c) { return V3(_mm256_fnmadd_ps, a, b, c); }
V_INLINE vf v_max(vf a, vf b) { return V2(_mm256_max_ps, a, b); }
V_INLINE vf v_min(vf a, vf b) { return V2(_mm256_min_ps, a, b); }
#define ROUND8(x) _mm256_round_ps(x, (_MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC))
V_INLINE vf v_round(vf a) { return V1(ROUND8, a); }
#undef ROUND8
V_INLINE vf v_abs(vf a)
{
    const __m256 sign = _mm256_set1_ps(-0.0f);
    return (vf){_mm256_andnot_ps(sign, a.lo), _mm256_andnot_ps(sign, a.hi)};
}

/* 2^n as two factors, whose exponent fields e / 2 and e - e / 2 are those of e = n + 254. */
V_INLINE __m256 v_scale8(__m256 a, __m256 t)
{
    const __m256i i = _mm256_castps_si256(t), half = _mm256_slli_epi32(_mm256_srli_epi32(i, 1), 23);
    const __m256i rest = _mm256_sub_epi32(_mm256_slli_epi32(i, 23), half);
    return _mm256_mul_ps(_mm256_mul_ps(a, _mm256_castsi256_ps(half)), _mm256_castsi256_ps(rest));
}
V_INLINE vf v_scale(vf a, vf t) { return V2(v_scale8, a, t); }
V_INLINE __m256 v_scale_down8(__m256 a, __m256 t)
{
    const __m256 power = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(t), 23)); /* 2^(n + 64) */
    return _mm256_mul_ps(_mm256_mul_ps(a, power), _mm256_set1_ps(0x1p-64f));
}
V_INLINE vf v_scale_down(vf a, vf t) { return V2(v_scale_down8, a, t); }

#define CMP(a, b, p) ((vm){_mm256_cmp_ps((a).lo, (b).lo, p), _mm256_cmp_ps((a).hi, (b).hi, p)})
V_INLINE vm v_gt(vf a, vf b) { return CMP(a, b, _CMP_GT_OQ); }
V_INLINE vm v_lt(vf a, vf b) { return CMP(a, b, _CMP_LT_OQ); }
V_INLINE vm v_eq(vf a, vf b) { return CMP(a, b, _CMP_EQ_OQ); }
V_INLINE vm v_nle(vf a, vf b) { return CMP(a, b, _CMP_NLE_UQ); }
#undef CMP
V_INLINE vf v_select(vm m, vf yes, vf no) { return V3(_mm256_blendv_ps, no, yes, m); }
V_INLINE vf v_keep(vm m, vf yes) { return V2(_mm256_and_ps, m, yes); }
V_INLINE int v_count(vm m)
{
    return __builtin_popcount((unsigned)_mm256_movemask_ps(m.lo)) +
           __builtin_popcount((unsigned)_mm256_movemask_ps(m.hi));
}

#define FOLD(name, op8, op4, op1)                                                                  \
    V_INLINE float name(vf x)                                                                      \
    {                                                                                              \
        const __m256 a = op8(x.lo, x.hi);                                                          \
        const __m128 b = op4(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));              \
        const __m128 c = op4(b, _mm_movehl_ps(b, b));                                              \
        return _mm_cvtss_f32(op1(c, _mm_shuffle_ps(c, c, 1)));                                     \
    }
FOLD(v_sum, _mm256_add_ps, _mm_add_ps, _mm_add_ss)
FOLD(v_hmax, _mm256_max_ps, _mm_max_ps, _mm_max_ss)
FOLD(v_hmin, _mm256_min_ps, _mm_min_ps, _mm_min_ss)
#undef FOLD

V_INLINE void v_transpose8(__m256 r[8])
{
    __m256 t[8], s[8];
    UNROLL for (int i = 0; i < 4; i++) {
        t[2 * i] = _mm256_unpacklo_ps(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm256_unpackhi_ps(r[2 * i], r[2 * i + 1]);
    }
    UNROLL for (int h = 0; h < 8; h += 4) {
        s[h] = _mm256_shuffle_ps(t[h], t[h + 2], 0x44);
        s[h + 1] = _mm256_shuffle_ps(t[h], t[h + 2], 0xee);
        s[h + 2] = _mm256_shuffle_ps(t[h + 1], t[h + 3], 0x44);
        s[h + 3] = _mm256_shuffle_ps(t[h + 1], t[h + 3], 0xee);
    }
    UNROLL for (int i = 0; i < 4; i++) {
        r[i] = _mm256_permute2f128_ps(s[i], s[i + 4], 0x20);
        r[i + 4] = _mm256_permute2f128_ps(s[i], s[i + 4], 0x31);
    }
}
V_INLINE void v_transpose(vf r[VL])
{
    __m256 a[8], b[8], c[8], d[8];
    UNROLL for (int i = 0; i < 8; i++) {
        a[i] = r[i].lo;
        b[i] = r[i].hi;
        c[i] = r[i + 8].lo;
        d[i] = r[i + 8].hi;
    }
    v_transpose8(a);
    v_transpose8(b);
    v_transpose8(c);
    v_transpose8(d);
    UNROLL for (int i = 0; i < 8; i++) {
        r[i] = (vf){a[i], c[i]};
        r[i + 8] = (vf){b[i], d[i]};
    }
}

typedef struct {
    __m256d x[4]; /* lanes 4 i .. 4 i + 3 */
} vd;
V_INLINE vd vd_zero(void)
{
    const __m256d z = _mm256_setzero_pd();
    return (vd){{z, z, z, z}};
}
V_INLINE vd vd_wide(vf a)
{
    return (vd){{_mm256_cvtps_pd(_mm256_castps256_ps128(a.lo)),
                 _mm256_cvtps_pd(_mm256_extractf128_ps(a.lo, 1)),
                 _mm256_cvtps_pd(_mm256_castps256_ps128(a.hi)),
                 _mm256_cvtps_pd(_mm256_extractf128_ps(a.hi, 1))}};
}
V_INLINE vd vd_add(vd s, vf a)
{
    const vd w = vd_wide(a);
    UNROLL for (int i = 0; i < 4; i++) s.x[i] = _mm256_add_pd(s.x[i], w.x[i]);
    return s;
}
V_INLINE vd vd_fma(vf a, vf b, vd s)
{
    const vd v = vd_wide(a), w = vd_wide(b);
    UNROLL for (int i = 0; i < 4; i++) s.x[i] = _mm256_fmadd_pd(v.x[i], w.x[i], s.x[i]);
    return s;
}
V_INLINE double vd_fold4(__m256d a)
{
    const __m128d b = _mm_add_pd(_mm256_castpd256_pd128(a), _mm256_extractf128_pd(a, 1));
    return _mm_cvtsd_f64(_mm_add_sd(b, _mm_unpackhi_pd(b, b)));
}
V_INLINE double vd_sum(vd a)
{
    return vd_fold4(
        _mm256_add_pd(_mm256_add_pd(a.x[0], a.x[2]), _mm256_add_pd(a.x[1], a.x[3])));
}

V_INLINE vi vi_set1(uint32_t x) { const __m256i v = _mm256_set1_epi32((int)x); return (vi){v, v}; }
V_INLINE vi vi_iota(uint32_t first)
{
    const __m256i f = _mm256_set1_epi32((int)first);
    return (vi){_mm256_add_epi32(f, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)),
                _mm256_add_epi32(f, _mm256_setr_epi32(8, 9, 10, 11, 12, 13, 14, 15))};
}
V_INLINE vi vi_bits(vf a) { return (vi){_mm256_castps_si256(a.lo), _mm256_castps_si256(a.hi)}; }
V_INLINE vf vi_float_bits(vi a) { return (vf){_mm256_castsi256_ps(a.lo), _mm256_castsi256_ps(a.hi)}; }
#define I2(op, a, b) ((vi){op((a).lo, (b).lo), op((a).hi, (b).hi)})
V_INLINE vi vi_add(vi a, vi b) { return I2(_mm256_add_epi32, a, b); }
V_INLINE vi vi_sub(vi a, vi b) { return I2(_mm256_sub_epi32, a, b); }
V_INLINE vi vi_xor(vi a, vi b) { return I2(_mm256_xor_si256, a, b); }
V_INLINE vi vi_and(vi a, vi b) { return I2(_mm256_and_si256, a, b); }
V_INLINE vi vi_or(vi a, vi b) { return I2(_mm256_or_si256, a, b); }
V_INLINE vi vi_shl(vi a, int by) { return (vi){_mm256_slli_epi32(a.lo, by), _mm256_slli_epi32(a.hi, by)}; }
V_INLINE vi vi_shr(vi a, int by) { return (vi){_mm256_srli_epi32(a.lo, by), _mm256_srli_epi32(a.hi, by)}; }
V_INLINE vi vi_mul_lo(vi a, vi b) { return I2(_mm256_mullo_epi32, a, b); }
V_INLINE __m256i vi_mul_hi8(__m256i a, __m256i b)
{
    const __m256i even = _mm256_srli_epi64(_mm256_mul_epu32(a, b), 32);
    const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), _mm256_srli_epi64(b, 32));
    return _mm256_blend_epi32(even, odd, 0xaa);
}
V_INLINE vi vi_mul_hi(vi a, vi b) { return I2(vi_mul_hi8, a, b); }
V_INLINE vf vi_to_float(vi a) { return (vf){_mm256_cvtepi32_ps(a.lo), _mm256_cvtepi32_ps(a.hi)}; }
#define C2(op, a, b)                                                                               \
    ((vm){_mm256_castsi256_ps(op((a).lo, (b).lo)), _mm256_castsi256_ps(op((a).hi, (b).hi))})
V_INLINE vm vi_gt(vi a, vi b) { return C2(_mm256_cmpgt_epi32, a, b); }
V_INLINE vm vi_eq(vi a, vi b) { return C2(_mm256_cmpeq_epi32, a, b); }
#undef I2
#undef C2
