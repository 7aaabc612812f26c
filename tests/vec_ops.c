/* Compiled once per lane, like a kernel: a row for each operation of simd/vec.h, and for the functions of simd/vec_math.h
 * that no room calls. */
#include "vec_ops.h"

#include <string.h>

#include "isa.h"
#include "simd/vec.h"
#include "simd/vec_math.h"

#define A v_load(io->a)
#define B v_load(io->b)
#define C v_load(io->c)
#define IA vi_bits(A)
#define IB vi_bits(B)
/* A mask that has nothing to do with a and b. */
#define MASK vi_gt(vi_bits(C), vi_set1(0))

#define PUT(x) v_store(io->out, x)
#define PUT_WORDS(x) PUT(vi_float_bits(x))
/* Integers, which are no small positive floats. */
#define PUT_MASK(m) PUT_WORDS(vi_bits(v_select(m, v_set1(-1.5f), v_set1(2.5f))))
#define PUT_ONE(x) io->out[0] = (x)
#define PUT_DOUBLE(i, x) memcpy(io->out + 2 * (i), &(double){x}, sizeof(double))

/* x in one lane, +0 in the others: what shows the lanes of doubles, which nothing stores. */
V_INLINE vf only(int lane, vf x)
{
    return v_keep(vi_eq(vi_iota(0), vi_set1((uint32_t)lane)), x);
}

/* The compilers want the bits of a shift as a literal where they do not optimize. */
#define SHIFT_8(op, x, n, base)                                                                    \
    case base:                                                                                     \
        return op(x, base);                                                                        \
    case base + 1:                                                                                 \
        return op(x, base + 1);                                                                    \
    case base + 2:                                                                                 \
        return op(x, base + 2);                                                                    \
    case base + 3:                                                                                 \
        return op(x, base + 3);                                                                    \
    case base + 4:                                                                                 \
        return op(x, base + 4);                                                                    \
    case base + 5:                                                                                 \
        return op(x, base + 5);                                                                    \
    case base + 6:                                                                                 \
        return op(x, base + 6);                                                                    \
    case base + 7:                                                                                 \
        return op(x, base + 7);
#define SHIFT(name, op)                                                                            \
    V_INLINE vi name(vi x, int n)                                                                  \
    {                                                                                              \
        switch (n) {                                                                               \
            SHIFT_8(op, x, n, 0) SHIFT_8(op, x, n, 8) SHIFT_8(op, x, n, 16) SHIFT_8(op, x, n, 24)  \
        }                                                                                          \
        return x;                                                                                  \
    }
SHIFT(shift_left, vi_shl)
SHIFT(shift_right, vi_shr)

static void transpose(const struct vec_io *io)
{
    vf r[VL];
    UNROLL
    for (int i = 0; i < VL; i++) r[i] = v_load(io->a + i * VL);
    v_transpose(r);
    UNROLL
    for (int i = 0; i < VL; i++) v_store(io->out + i * VL, r[i]);
}

static void add_double(const struct vec_io *io)
{
    for (int i = 0; i < VL; i++)
        PUT_DOUBLE(i, vd_sum(vd_add(vd_add(vd_zero(), only(i, A)), only(i, B))));
}

static void fma_double(const struct vec_io *io)
{
    for (int i = 0; i < VL; i++)
        PUT_DOUBLE(i, vd_sum(vd_fma(only(i, A), only(i, B), vd_add(vd_zero(), only(i, C)))));
}

/* What v_scale takes: NaNs and [1/2, 2) of either sign; the 253 or 504 integers that end at `most`, plus
 * the bias. */
V_INLINE vf near_one(vf x)
{
    const vi in = vi_or(vi_and(vi_bits(x), vi_set1(0x80ffffffu)), vi_set1(0x3f000000u));
    return v_select(v_eq(x, x), vi_float_bits(in), x);
}
V_INLINE vf exponent(vf x, float most, float bias)
{
    const vf n = vi_to_float(vi_and(vi_bits(x), vi_set1(most > 63.0f ? 0x1ffu : 0xffu)));
    const float least = most > 63.0f ? -252.0f : -190.0f;
    return v_add(v_max(v_set1(least), v_sub(v_set1(most), n)), v_set1(bias));
}

#define TAIL_IN VEC_LOADS_TAIL
#define TAIL_OUT VEC_STORES_TAIL
/* operation, words, tail, floats in, floats out, out aligned, what it does. tests/vec_rows.sh sees that none
 * is missing. */
#define ROWS(X)                                                                                    \
    X(v_set1, EXACT, VEC_WHOLE, 16, 16, 0, PUT(v_set1(io->a[0])))                                  \
    X(v_zero, EXACT, VEC_WHOLE, 16, 16, 0, PUT(v_zero()))                                          \
    X(v_load, EXACT, VEC_WHOLE, 16, 16, 0, PUT(v_load(io->a)))                                     \
    X(v_store, EXACT, VEC_WHOLE, 16, 16, 0, v_store(io->out, A))                                   \
    X(v_load_n, EXACT, TAIL_IN, 16, 16, 0, PUT(v_load_n(io->a, io->n, io->b[0])))                  \
    X(v_store_n, EXACT, TAIL_OUT, 16, 16, 0, v_store_n(io->out, A, io->n))                         \
    X(v_stream, EXACT, VEC_WHOLE, 16, 16, 1, v_stream(io->out, A))                                 \
    X(v_stream_end, EXACT, VEC_WHOLE, 16, 16, 1, v_stream(io->out, B); v_stream_end())             \
    X(v_add, F32, VEC_WHOLE, 16, 16, 0, PUT(v_add(A, B)))                                          \
    X(v_sub, F32, VEC_WHOLE, 16, 16, 0, PUT(v_sub(A, B)))                                          \
    X(v_mul, F32, VEC_WHOLE, 16, 16, 0, PUT(v_mul(A, B)))                                          \
    X(v_div, F32, VEC_WHOLE, 16, 16, 0, PUT(v_div(A, B)))                                          \
    X(v_sqrt, F32, VEC_WHOLE, 16, 16, 0, PUT(v_sqrt(A)))                                           \
    X(v_fma, F32, VEC_WHOLE, 16, 16, 0, PUT(v_fma(A, B, C)))                                       \
    X(v_fnma, F32, VEC_WHOLE, 16, 16, 0, PUT(v_fnma(A, B, C)))                                     \
    X(v_max, EXACT, VEC_WHOLE, 16, 16, 0, PUT(v_max(A, B)))                                        \
    X(v_min, EXACT, VEC_WHOLE, 16, 16, 0, PUT(v_min(A, B)))                                        \
    X(v_round, F32, VEC_WHOLE, 16, 16, 0, PUT(v_round(A)))                                         \
    X(v_abs, EXACT, VEC_WHOLE, 16, 16, 0, PUT(v_abs(A)))                                           \
    X(v_exp, F32, VEC_WHOLE, 16, 16, 0, PUT(v_exp(A)))                                             \
    X(v_tanh, F32, VEC_WHOLE, 16, 16, 0, PUT(v_tanh(A)))                                           \
    X(v_scale, F32, VEC_WHOLE, 16, 16, 0, PUT(v_scale(near_one(A), exponent(B, 252, V_SCALE))))    \
    X(v_scale_down, F32, VEC_WHOLE, 16, 16, 0,                                                     \
      PUT(v_scale_down(near_one(A), exponent(B, 63, V_SCALE_DOWN))))                               \
    X(v_gt, EXACT, VEC_WHOLE, 16, 16, 0, PUT_MASK(v_gt(A, B)))                                     \
    X(v_lt, EXACT, VEC_WHOLE, 16, 16, 0, PUT_MASK(v_lt(A, B)))                                     \
    X(v_eq, EXACT, VEC_WHOLE, 16, 16, 0, PUT_MASK(v_eq(A, B)))                                     \
    X(v_nle, EXACT, VEC_WHOLE, 16, 16, 0, PUT_MASK(v_nle(A, B)))                                   \
    X(v_select, EXACT, VEC_WHOLE, 16, 16, 0, PUT(v_select(MASK, A, B)))                            \
    X(v_keep, EXACT, VEC_WHOLE, 16, 16, 0, PUT(v_keep(MASK, A)))                                   \
    X(v_count, EXACT, VEC_WHOLE, 16, 1, 0, PUT_ONE((float)v_count(v_nle(A, B))))                   \
    X(v_sum, F32, VEC_WHOLE, 16, 1, 0, PUT_ONE(v_sum(A)))                                          \
    X(v_hmax, EXACT, VEC_WHOLE, 16, 1, 0, PUT_ONE(v_hmax(A)))                                      \
    X(v_hmin, EXACT, VEC_WHOLE, 16, 1, 0, PUT_ONE(v_hmin(A)))                                      \
    X(v_transpose, EXACT, VEC_WHOLE, 256, 256, 0, transpose(io))                                   \
    X(vd_zero, F64, VEC_WHOLE, 16, 2, 0, PUT_DOUBLE(0, vd_sum(vd_zero())))                         \
    X(vd_add, F64, VEC_WHOLE, 16, 32, 0, add_double(io))                                           \
    X(vd_fma, F64, VEC_WHOLE, 16, 32, 0, fma_double(io))                                           \
    X(vd_sum, F64, VEC_WHOLE, 16, 2, 0, PUT_DOUBLE(0, vd_sum(vd_fma(A, B, vd_add(vd_zero(), C))))) \
    X(vi_set1, EXACT, VEC_SHIFTS, 16, 16, 0, PUT_WORDS(vi_set1(0x9e3779b9u * (uint32_t)io->n)))    \
    X(vi_iota, EXACT, VEC_SHIFTS, 16, 16, 0, PUT_WORDS(vi_iota((uint32_t)io->n - 16u)))            \
    X(vi_bits, EXACT, VEC_WHOLE, 16, 16, 0, PUT_WORDS(vi_add(vi_bits(A), vi_set1(1))))             \
    X(vi_float_bits, EXACT, VEC_WHOLE, 16, 16, 0, PUT(vi_float_bits(vi_xor(IA, vi_set1(1)))))      \
    X(vi_add, EXACT, VEC_WHOLE, 16, 16, 0, PUT_WORDS(vi_add(IA, IB)))                              \
    X(vi_sub, EXACT, VEC_WHOLE, 16, 16, 0, PUT_WORDS(vi_sub(IA, IB)))                              \
    X(vi_xor, EXACT, VEC_WHOLE, 16, 16, 0, PUT_WORDS(vi_xor(IA, IB)))                              \
    X(vi_and, EXACT, VEC_WHOLE, 16, 16, 0, PUT_WORDS(vi_and(IA, IB)))                              \
    X(vi_or, EXACT, VEC_WHOLE, 16, 16, 0, PUT_WORDS(vi_or(IA, IB)))                                \
    X(vi_shl, EXACT, VEC_SHIFTS, 16, 16, 0, PUT_WORDS(shift_left(IA, io->n)))                      \
    X(vi_shr, EXACT, VEC_SHIFTS, 16, 16, 0, PUT_WORDS(shift_right(IA, io->n)))                     \
    X(vi_mul_lo, EXACT, VEC_WHOLE, 16, 16, 0, PUT_WORDS(vi_mul_lo(IA, IB)))                        \
    X(vi_mul_hi, EXACT, VEC_WHOLE, 16, 16, 0, PUT_WORDS(vi_mul_hi(IA, IB)))                        \
    X(vi_to_float, EXACT, VEC_WHOLE, 16, 16, 0, PUT(vi_to_float(IA)))                              \
    X(vi_gt, EXACT, VEC_WHOLE, 16, 16, 0, PUT_MASK(vi_gt(IA, IB)))                                 \
    X(vi_eq, EXACT, VEC_WHOLE, 16, 16, 0, PUT_MASK(vi_eq(IA, IB)))

#define X(op, words, tail, in, out, aligned, ...)                                                  \
    static void run_##op(const struct vec_io *io)                                                  \
    {                                                                                              \
        __VA_ARGS__;                                                                               \
    }
ROWS(X)
#undef X

#define X(op, words, tail, in, out, aligned, ...)                                                  \
    {#op, VEC_##words, tail, in, out, aligned, run_##op},
static const struct vec_op rows[] = {ROWS(X)};
#undef X

const struct vec_ops ISA(vec_ops) = {rows, sizeof rows / sizeof *rows};
