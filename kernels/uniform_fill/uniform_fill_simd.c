#include <string.h>

#include "../isa.h"
#include "../simd/philox.h"
#include "uniform_fill.h"

uniform_fill_fn ISA(uniform_fill);

/* The 64 numbers of a block. */
V_INLINE void numbers(const struct uniform_fill *a, uint64_t block, float *to)
{
    const vf width = v_set1(a->hi - a->lo), lo = v_set1(a->lo), unit = v_set1(0x1p-24f);
    vi out[4];
    v_philox(out, 16 * block, a->stream, a->seed);
    UNROLL
    for (int w = 0; w < 4; w++)
        v_store(to + w * VL, v_fma(v_mul(vi_to_float(vi_shr(out[w], 8)), unit), width, lo));
}

void ISA(uniform_fill)(const struct uniform_fill *a)
{
    const uint64_t end = a->start + a->n;
    uint64_t i = a->start;
    while (i < end) {
        const uint64_t block = i / UNIFORM_FILL_BLOCK, skip = i % UNIFORM_FILL_BLOCK;
        float *to = a->dst + (i - a->start);
        if (skip == 0 && end - i >= UNIFORM_FILL_BLOCK) {
            numbers(a, block, to);
            i += UNIFORM_FILL_BLOCK;
            continue;
        }
        float some[UNIFORM_FILL_BLOCK];
        const uint64_t left = end - i, have = UNIFORM_FILL_BLOCK - skip;
        const uint64_t take = left < have ? left : have;
        numbers(a, block, some);
        memcpy(to, some + skip, take * sizeof *to);
        i += take;
    }
}
