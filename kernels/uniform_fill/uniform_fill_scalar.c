#include <math.h>

#include "../base/rng.h"
#include "../isa.h"
#include "uniform_fill.h"

uniform_fill_fn ISA(uniform_fill);

/* One counter's four numbers go to elements lane, 16 + lane, 32 + lane, 48 + lane of the block. */
void ISA(uniform_fill)(const struct uniform_fill *a)
{
    const uint64_t end = a->start + a->n;
    const float width = a->hi - a->lo;
    for (uint64_t block = a->start / UNIFORM_FILL_BLOCK; block * UNIFORM_FILL_BLOCK < end; block++)
        for (uint32_t lane = 0; lane < 16; lane++) {
            uint32_t out[4];
            philox_words(out, 16 * block + lane, a->stream, a->seed);
            for (uint32_t w = 0; w < 4; w++) {
                const uint64_t i = block * UNIFORM_FILL_BLOCK + 16 * w + lane;
                const float u = (float)(int32_t)(out[w] >> 8) * 0x1p-24f;
                if (i >= a->start && i < end) a->dst[i - a->start] = fmaf(u, width, a->lo);
            }
        }
}
