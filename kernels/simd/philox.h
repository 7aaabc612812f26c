/* philox: sixteen of base/rng.h's counters at a time. */
#ifndef SIMD_PHILOX_H
#define SIMD_PHILOX_H

#include "../base/rng.h"
#include "vec.h"

/* Lane i is philox_words() of counter + i. counter is a multiple of 16: no lane carries into the next word. */
V_INLINE void v_philox(vi out[4], uint64_t counter, uint64_t stream, uint64_t seed)
{
    vi c0 = vi_iota((uint32_t)counter), c1 = vi_set1((uint32_t)(counter >> 32));
    vi c2 = vi_set1((uint32_t)stream), c3 = vi_set1((uint32_t)(stream >> 32));
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    const vi m0 = vi_set1(PHILOX_M0), m1 = vi_set1(PHILOX_M1);
    UNROLL
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        const vi lo0 = vi_mul_lo(m0, c0), hi0 = vi_mul_hi(m0, c0);
        const vi lo1 = vi_mul_lo(m1, c2), hi1 = vi_mul_hi(m1, c2);
        c0 = vi_xor(vi_xor(hi1, c1), vi_set1(k0));
        c2 = vi_xor(vi_xor(hi0, c3), vi_set1(k1));
        c1 = lo1;
        c3 = lo0;
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

#endif
