/* uniform_fill: numbers that are uniform over an interval and depend on (seed, stream, index) alone.
 *
 *   dst[i - start] = lo + (hi - lo) u(i),  i = start .. start + n - 1
 *
 * dst     n floats, any alignment.
 * start   index of the first element; i < 2^38, so that no counter runs over.
 * Numbers element i is output w = (i / 16) mod 4 of the Philox counter c = 16 (i / 64) + i mod 16, key = seed,
 *         upper counter words = stream: the random words of normal_fill's element i, so that fills of both kinds want
 *         streams of their own. u is its upper 24 bits times 2^-24: every multiple of 2^-24 in [0, 1), equally likely.
 * Special lo and hi may be any floats, in any order.
 * Order   dst = fma(u, hi - lo, lo), the difference rounded: the same words on every lane, for any threads and any
 *         start. hi itself comes out where the last rounding reaches it.
 * Error   |dst - exact| <= v u |hi - lo| + v |exact| + 2^-149, v = 2^-24, to first order.
 * Cost    about 25 integer operations and an fma an element; 4 n bytes written.
 * Source  Salmon et al., SC 2011 (Philox); weights of PyTorch's Linear, Glorot's and He's uniform forms.
 */
#ifndef UNIFORM_FILL_H
#define UNIFORM_FILL_H

#include <stddef.h>
#include <stdint.h>

enum { UNIFORM_FILL_DST }; /* operands of the spec: from minus the shape's scale to it */
enum { UNIFORM_FILL_BLOCK = 64 };

struct uniform_fill {
    float *dst;
    uint64_t start;
    size_t n;
    float lo, hi;
    uint64_t seed, stream;
};
typedef void uniform_fill_fn(const struct uniform_fill *a);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void uniform_fill(const struct kernel_set *set, int threads, const struct uniform_fill *a);

#endif
