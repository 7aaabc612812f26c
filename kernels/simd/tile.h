/* tile: what register tiles share: sums of R rows by V panels that never leave the registers. */
#ifndef SIMD_TILE_H
#define SIMD_TILE_H

#include "vec.h"

/* Runs the statements for each i < R and v < V of a register tile, unrolled. Of a nest whose outer loop runs
 * once clang 14 forgets to unroll the inner one, and keeps the tile in memory. */
#define UNROLL_TILE(R, V, ...)                                                                     \
    if ((V) == 1) {                                                                                \
        const int v = 0;                                                                           \
        UNROLL                                                                                     \
        for (int i = 0; i < (R); i++) {                                                            \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    } else {                                                                                       \
        UNROLL                                                                                     \
        for (int v = 0; v < (V); v++) {                                                            \
            UNROLL                                                                                 \
            for (int i = 0; i < (R); i++) {                                                        \
                __VA_ARGS__                                                                        \
            }                                                                                      \
        }                                                                                          \
    }

/* The columns of panel v of a group of V whose last has `rest`. */
V_INLINE int tile_rest(int rest, int v, int V)
{
    return v == V - 1 ? rest : VL;
}

/* Assembly where the order and the registers of the innermost loop are decided here: from intrinsics GCC 12 and
 * Clang 14 move loads ahead until registers run out, and move a sum to a new register at every step. The
 * rounding is v_fma's. */
V_INLINE vf tile_pin(vf x)
{
#if defined(TARGET_AVX512)
    __asm__ volatile("" : "+v"(x));
#elif defined(TARGET_AVX2)
    __asm__ volatile("" : "+x"(x.lo), "+x"(x.hi));
#endif
    return x;
}
V_INLINE vf tile_fma(vf a, vf b, vf sum)
{
#if defined(TARGET_AVX512)
    __asm__ volatile("vfmadd231ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
    return sum;
#elif defined(TARGET_AVX2)
    __asm__ volatile("vfmadd231ps %2, %1, %0" : "+x"(sum.lo) : "x"(a.lo), "x"(b.lo));
    __asm__ volatile("vfmadd231ps %2, %1, %0" : "+x"(sum.hi) : "x"(a.hi), "x"(b.hi));
    return sum;
#else
    return v_fma(a, b, sum);
#endif
}
V_INLINE vf tile_set1(float a)
{
    vf x = v_set1(a);
#if defined(TARGET_AVX512)
    __asm__ volatile("" : "+v"(x));
#elif defined(TARGET_AVX2)
    __asm__ volatile("" : "+x"(x.lo));
    x.hi = x.lo;
#endif
    return x;
}

/* Up to 16 rows of up to 16 elements, `step` apart, turned: r[t] holds element t of each; what is absent is +0. */
V_INLINE void tile_turn(vf r[VL], const float *from, size_t step, int rows, int elements)
{
    UNROLL
    for (int i = 0; i < VL; i++)
        r[i] = i < rows ? v_load_rest(from + (size_t)i * step, elements) : v_zero();
    v_transpose(r);
}

#endif
