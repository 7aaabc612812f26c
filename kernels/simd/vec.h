/* The vector vocabulary: vf is sixteen floats on every instruction set, so that one kernel source rounds at
 * the same places everywhere. A kernel body includes this header once and is compiled once per lane.
 *
 *   vf   sixteen floats          vm   sixteen truth values          vi   sixteen 32-bit integers
 *
 * vec_model.h defines each operation lane by lane; the others must return the same words.
 */
#ifndef SIMD_VEC_H
#define SIMD_VEC_H

#include <stddef.h>
#include <stdint.h>

enum { VL = 16 };

/* A pointer to a vector's worth of the caller's floats; nothing is assumed of its alignment. */
#define V_INLINE static inline __attribute__((always_inline))

/* Stands before a loop over registers: without it GCC keeps an array of accumulators in memory, which is where
 * the sanitizers want it. */
#ifdef TARGET_SIMDE
#define UNROLL
#elif defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

/* Adding one of these rounds a float to the nearest integer n, ties to even, and leaves n + 254 or n + 191 in the
 * low bits of the sum's word: t of v_scale and v_scale_down. */
#define V_SCALE (0x1.8p23f + 254.0f)
#define V_SCALE_DOWN (0x1.8p23f + 191.0f)

#if defined(TARGET_AVX512) || defined(TARGET_SIMDE)
#include "vec_avx512.h"
#elif defined(TARGET_AVX2)
#include "vec_avx2.h"
#else
#include "vec_model.h"
#endif

/* The first `rest` of sixteen, 1 to 16, absent lanes +0; whole vectors go without a mask. */
V_INLINE vf v_load_rest(const float *p, int rest)
{
    return rest < VL ? v_load_n(p, rest, 0.0f) : v_load(p);
}
V_INLINE void v_store_rest(float *p, vf a, int rest)
{
    if (rest < VL)
        v_store_n(p, a, rest);
    else
        v_store(p, a);
}

#endif
