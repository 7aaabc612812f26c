#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../base/rng.h"
#include "../isa.h"
#include "normal_fill.h"

normal_fill_fn ISA(normal_fill);

/* ln u for u in [2^-33, 1]. */
static float log_of(float u)
{
    static const float c[] = NORMAL_LOG;
    int32_t bits;
    memcpy(&bits, &u, sizeof bits);
    /* u = m 2^e with m in [sqrt(1/2), sqrt(2)). */
    const int32_t e = (int32_t)((uint32_t)(bits - 0x3f3504f3) >> 23) - ((bits < 0x3f3504f3) << 9);
    const int32_t m_bits = bits - (int32_t)((uint32_t)e << 23);
    float m;
    memcpy(&m, &m_bits, sizeof m);
    const float x = m - 1.0f, z = x * x, k = (float)e;
    float p = c[0];
    for (int i = 1; i < 9; i++) p = fmaf(p, x, c[i]);
    float y = (x * z) * p;
    y = fmaf(k, NORMAL_LN2_LOW, y);
    y = fmaf(-0.5f, z, y);
    return fmaf(k, NORMAL_LN2_HIGH, x + y);
}

static void pair(uint32_t w0, uint32_t w1, float z[2])
{
    static const float s[] = NORMAL_SIN, c[] = NORMAL_COS;
    const float low = (float)(int32_t)(w0 & 0xffff) + 0.5f;
    const float u = fmaf((float)(int32_t)(w0 >> 16), 65536.0f, low) * 0x1p-32f;
    const float r = sqrtf(-2.0f * log_of(u));
    const float t = fmaf((float)(int32_t)(w1 << 2 >> 8), 0x1p-24f, -0.5f);
    const float x = t * NORMAL_HALF_PI, xx = x * x;
    const float sine = fmaf(x * xx, fmaf(fmaf(s[0], xx, s[1]), xx, s[2]), x);
    const float high = fmaf(fmaf(c[0], xx, c[1]), xx, c[2]);
    const float cosine = fmaf(xx * xx, high, fmaf(-0.5f, xx, 1.0f));
    const uint32_t q = w1 >> 30;
    const float first = q & 1 ? sine : cosine, second = q & 1 ? cosine : sine;
    /* A quarter turn takes (c, s) to (-s, c). */
    z[0] = r * (q == 1 || q == 2 ? -first : first);
    z[1] = r * (q >= 2 ? -second : second);
}

/* One counter's four numbers go to elements lane, 16 + lane, 32 + lane, 48 + lane of the block. */
static void numbers(const struct normal_fill *a, uint64_t block, uint32_t lane, float z[4])
{
    uint32_t out[4];
    philox_words(out, 16 * block + lane, a->stream, a->seed);
    pair(out[0], out[1], z);
    pair(out[2], out[3], z + 2);
}

void ISA(normal_fill)(const struct normal_fill *a)
{
    const uint64_t end = a->start + a->n;
    for (uint64_t block = a->start / NORMAL_FILL_BLOCK; block * NORMAL_FILL_BLOCK < end; block++)
        for (uint32_t lane = 0; lane < 16; lane++) {
            float z[4];
            numbers(a, block, lane, z);
            for (uint32_t w = 0; w < 4; w++) {
                const uint64_t i = block * NORMAL_FILL_BLOCK + 16 * w + lane;
                if (i >= a->start && i < end) a->dst[i - a->start] = a->scale * z[w];
            }
        }
}
