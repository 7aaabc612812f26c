/* normal_fill: Gaussian numbers that depend on (seed, stream, index) alone.
 *
 *   dst[i - start] = scale * z(i),  i = start .. start + n - 1
 *
 * dst     n floats, any alignment.
 * start   index of the first element; i < 2^38, so that no counter runs over.
 * Numbers element i is output w = (i / 16) mod 4 of the Philox counter c = 16 (i / 64) + i mod 16, key = seed,
 *         upper counter words = stream. Outputs 0, 1 and 2, 3 make a Box-Muller pair:
 *           u = (out[0] + 1/2) 2^-32 rounded to f32, in [2^-33, 1];  r = sqrt(-2 ln u), at most 6.77;
 *           q = upper 2 bits of out[1], x = pi/2 ((next 24 bits) 2^-24 - 1/2), in [-pi/4, pi/4);
 *           (z, z') = (r cos x, r sin x) turned by q quarter turns.
 * Special scale may be any float.
 * Order   every step is one rounded operation, in the order of the scalar source (ln, sin and cos are
 *         polynomials with fused steps): the same words on every lane, for any threads and any start.
 * Error   |dst - scale z| <= 2^-21 |scale z| + 2^-23 r |scale| + 2^-149: r is within 2^-22 of itself (the worst over
 *         every u is measured by tests/test_rng.c), sin and cos within 2^-23.
 * Cost    about 50 integer and 40 floating-point operations an element pair; 4 n bytes written.
 * Source  Salmon et al., SC 2011 (Philox); Box and Muller, 1958; S. Moshier's Cephes (the polynomials of ln, sin
 *         and cos in single precision).
 */
#ifndef NORMAL_FILL_H
#define NORMAL_FILL_H

#include <stddef.h>
#include <stdint.h>

enum { NORMAL_FILL_DST }; /* operands of the spec */
enum { NORMAL_FILL_BLOCK = 64 };

/* Coefficients shared by the scalar source and the vector body. */
#define NORMAL_LOG                                                                                 \
    {                                                                                              \
        7.0376836292e-2f, -1.1514610310e-1f, 1.1676998740e-1f, -1.2420140846e-1f,                  \
            1.4249322787e-1f, -1.6668057665e-1f, 2.0000714765e-1f, -2.4999993993e-1f,              \
            3.3333331174e-1f                                                                       \
    }
#define NORMAL_LN2_LOW -2.12194440e-4f
#define NORMAL_LN2_HIGH 0.693359375f
#define NORMAL_SIN                                                                                 \
    {                                                                                              \
        -1.9515295891e-4f, 8.3321608736e-3f, -1.6666654611e-1f                                     \
    }
#define NORMAL_COS                                                                                 \
    {                                                                                              \
        2.443315711809948e-5f, -1.388731625493765e-3f, 4.166664568298827e-2f                       \
    }
#define NORMAL_HALF_PI 1.57079632679489662f

struct normal_fill {
    float *dst;
    uint64_t start;
    size_t n;
    float scale;
    uint64_t seed, stream;
};
typedef void normal_fill_fn(const struct normal_fill *a);

struct kernel_set;
/* From index 0 on up to `threads` threads, which start only where they pay. */
void normal_fill(const struct kernel_set *set, int threads, float *dst, size_t n, float scale,
                 uint64_t seed, uint64_t stream);

#endif
