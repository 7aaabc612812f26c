/* The model: sixteen lanes in plain C. Slow; says what every operation of the vocabulary means. */
#include <math.h>
#include <string.h>

typedef struct {
    float x[VL];
} vf;
typedef struct {
    int32_t x[VL];
} vi;
typedef struct {
    uint8_t x[VL];
} vm;
#define EACH for (int i = 0; i < VL; i++)

V_INLINE vf v_set1(float x) { vf r; EACH r.x[i] = x; return r; }
V_INLINE vf v_zero(void) { return v_set1(0.0f); }

V_INLINE vf v_load(const float *p) { vf r; EACH r.x[i] = p[i]; return r; }
V_INLINE void v_store(float *p, vf a) { EACH p[i] = a.x[i]; }
/* The first n of sixteen, 0 <= n <= 16: absent lanes load as fill and are not stored; nothing behind the
 * n-th float is touched. */
V_INLINE vf v_load_n(const float *p, int n, float fill) { vf r; EACH r.x[i] = i < n ? p[i] : fill; return r; }
V_INLINE void v_store_n(float *p, vf a, int n) { EACH if (i < n) p[i] = a.x[i]; }
/* A store past the caches; p is 64-byte aligned; v_stream_end orders it before what follows. */
V_INLINE void v_stream(float *p, vf a) { v_store(p, a); }
V_INLINE void v_stream_end(void) {}

V_INLINE vf v_add(vf a, vf b) { EACH a.x[i] = a.x[i] + b.x[i]; return a; }
V_INLINE vf v_sub(vf a, vf b) { EACH a.x[i] = a.x[i] - b.x[i]; return a; }
V_INLINE vf v_mul(vf a, vf b) { EACH a.x[i] = a.x[i] * b.x[i]; return a; }
V_INLINE vf v_div(vf a, vf b) { EACH a.x[i] = a.x[i] / b.x[i]; return a; }
V_INLINE vf v_sqrt(vf a) { EACH a.x[i] = sqrtf(a.x[i]); return a; }
/* a b + c and c - a b, rounded once. */
V_INLINE vf v_fma(vf a, vf b, vf c) { EACH a.x[i] = fmaf(a.x[i], b.x[i], c.x[i]); return a; }
V_INLINE vf v_fnma(vf a, vf b, vf c) { EACH a.x[i] = fmaf(-a.x[i], b.x[i], c.x[i]); return a; }
/* The rule of x86: the second operand where either is NaN or both are zero. */
V_INLINE vf v_max(vf a, vf b) { EACH a.x[i] = a.x[i] > b.x[i] ? a.x[i] : b.x[i]; return a; }
V_INLINE vf v_min(vf a, vf b) { EACH a.x[i] = a.x[i] < b.x[i] ? a.x[i] : b.x[i]; return a; }
/* To the nearest integer, ties to even. */
V_INLINE vf v_round(vf a) { EACH a.x[i] = nearbyintf(a.x[i]); return a; }
V_INLINE vf v_abs(vf a) { EACH a.x[i] = fabsf(a.x[i]); return a; }
/* a 2^n, rounded once, with overflow and subnormals, for 1/2 <= |a| < 2: t = n + V_SCALE and -252 <= n <= 252,
 * t = n + V_SCALE_DOWN and -190 <= n <= 63. Both are NaN where a is, whatever t is there. */
V_INLINE float scale_one(float a, float n) { return isnan(a) ? a : ldexpf(a, (int)n); }
V_INLINE vf v_scale(vf a, vf t) { EACH a.x[i] = scale_one(a.x[i], t.x[i] - V_SCALE); return a; }
V_INLINE vf v_scale_down(vf a, vf t) { EACH a.x[i] = scale_one(a.x[i], t.x[i] - V_SCALE_DOWN); return a; }

/* Ordered comparisons: false where either is NaN; v_nle is true there. */
V_INLINE vm v_gt(vf a, vf b) { vm m; EACH m.x[i] = a.x[i] > b.x[i]; return m; }
V_INLINE vm v_lt(vf a, vf b) { vm m; EACH m.x[i] = a.x[i] < b.x[i]; return m; }
V_INLINE vm v_eq(vf a, vf b) { vm m; EACH m.x[i] = a.x[i] == b.x[i]; return m; }
V_INLINE vm v_nle(vf a, vf b) { vm m; EACH m.x[i] = !(a.x[i] <= b.x[i]); return m; }
/* yes where m, else no; yes where m, else +0. */
V_INLINE vf v_select(vm m, vf yes, vf no) { EACH yes.x[i] = m.x[i] ? yes.x[i] : no.x[i]; return yes; }
V_INLINE vf v_keep(vm m, vf yes) { EACH yes.x[i] = m.x[i] ? yes.x[i] : 0.0f; return yes; }
V_INLINE int v_count(vm m) { int n = 0; EACH n += m.x[i]; return n; }

/* Folds 16 -> 8 -> 4 -> 2 -> 1, always lane i with lane i + half. */
V_INLINE float v_sum(vf a) { for (int h = VL / 2; h; h /= 2) for (int i = 0; i < h; i++) a.x[i] = a.x[i] + a.x[i + h]; return a.x[0]; }
V_INLINE float v_hmax(vf a) { for (int h = VL / 2; h; h /= 2) for (int i = 0; i < h; i++) a.x[i] = a.x[i] > a.x[i + h] ? a.x[i] : a.x[i + h]; return a.x[0]; }
V_INLINE float v_hmin(vf a) { for (int h = VL / 2; h; h /= 2) for (int i = 0; i < h; i++) a.x[i] = a.x[i] < a.x[i + h] ? a.x[i] : a.x[i + h]; return a.x[0]; }

/* Sixteen vectors as a 16 x 16 matrix, transposed in place. */
V_INLINE void v_transpose(vf r[VL])
{
    for (int i = 0; i < VL; i++)
        for (int j = 0; j < i; j++) {
            const float t = r[i].x[j];
            r[i].x[j] = r[j].x[i];
            r[j].x[i] = t;
        }
}

/* ---- sixteen doubles: sums that f32 would lose */
typedef struct {
    double x[VL];
} vd;
V_INLINE vd vd_zero(void) { vd r; EACH r.x[i] = 0.0; return r; }
/* s + a, s + a b: the product is exact in f64, one rounding a lane. */
V_INLINE vd vd_add(vd s, vf a) { EACH s.x[i] = s.x[i] + (double)a.x[i]; return s; }
V_INLINE vd vd_fma(vf a, vf b, vd s) { EACH s.x[i] = fma((double)a.x[i], (double)b.x[i], s.x[i]); return s; }
V_INLINE double vd_sum(vd a) { for (int h = VL / 2; h; h /= 2) for (int i = 0; i < h; i++) a.x[i] = a.x[i] + a.x[i + h]; return a.x[0]; }

/* ---- sixteen 32-bit words */
V_INLINE vi vi_set1(uint32_t x) { vi r; EACH r.x[i] = (int32_t)x; return r; }
V_INLINE vi vi_iota(uint32_t first) { vi r; EACH r.x[i] = (int32_t)(first + (uint32_t)i); return r; }
V_INLINE vi vi_bits(vf a) { vi r; memcpy(&r, &a, sizeof r); return r; }
V_INLINE vf vi_float_bits(vi a) { vf r; memcpy(&r, &a, sizeof r); return r; }
V_INLINE vi vi_add(vi a, vi b) { EACH a.x[i] = (int32_t)((uint32_t)a.x[i] + (uint32_t)b.x[i]); return a; }
V_INLINE vi vi_sub(vi a, vi b) { EACH a.x[i] = (int32_t)((uint32_t)a.x[i] - (uint32_t)b.x[i]); return a; }
V_INLINE vi vi_xor(vi a, vi b) { EACH a.x[i] = a.x[i] ^ b.x[i]; return a; }
V_INLINE vi vi_and(vi a, vi b) { EACH a.x[i] = a.x[i] & b.x[i]; return a; }
V_INLINE vi vi_or(vi a, vi b) { EACH a.x[i] = a.x[i] | b.x[i]; return a; }
/* Logical shifts, 0 <= by < 32. */
V_INLINE vi vi_shl(vi a, int by) { EACH a.x[i] = (int32_t)((uint32_t)a.x[i] << by); return a; }
V_INLINE vi vi_shr(vi a, int by) { EACH a.x[i] = (int32_t)((uint32_t)a.x[i] >> by); return a; }
/* The low and the high word of the unsigned 64-bit products. */
V_INLINE vi vi_mul_lo(vi a, vi b) { EACH a.x[i] = (int32_t)((uint32_t)a.x[i] * (uint32_t)b.x[i]); return a; }
V_INLINE vi vi_mul_hi(vi a, vi b) { EACH a.x[i] = (int32_t)((uint64_t)(uint32_t)a.x[i] * (uint32_t)b.x[i] >> 32); return a; }
/* Signed to float, to nearest even. */
V_INLINE vf vi_to_float(vi a) { vf r; EACH r.x[i] = (float)a.x[i]; return r; }
/* Signed comparisons. */
V_INLINE vm vi_gt(vi a, vi b) { vm m; EACH m.x[i] = a.x[i] > b.x[i]; return m; }
V_INLINE vm vi_eq(vi a, vi b) { vm m; EACH m.x[i] = a.x[i] == b.x[i]; return m; }
#undef EACH
