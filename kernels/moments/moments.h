/* moments: what a vector of activations or gradients looks like, in one pass.
 *
 * dst     eight doubles, as the enum below names them:
 *           MEAN, VARIANCE   of the finite elements (variance: mean square less squared mean, not below 0);
 *           MIN, MAX         of the finite elements; all four are NaN where none is finite;
 *                            a zero is +0, whatever its sign in src
 *           ZERO             share of all n elements that are +0 or -0
 *           SUBNORMAL        share that are subnormal, whatever DAZ says (told by their bits)
 *           NONFINITE        share that are NaN or infinite
 *           N                n
 *         the shares are 0 where n = 0. Overlaps no other operand.
 * src     n floats, any alignment; read only.
 * n       any value.
 * Order   block by block of MOMENTS_BLOCK elements: lane i mod 16 adds element i and its square in f64 (products
 *         of two f32 are exact there), a block's sixteen lanes fold 16 -> 8 -> 4 -> 2 -> 1, blocks are added
 *         in order: the same words on every lane and for any number of threads.
 * Error   with U = 2^-53 and t = MOMENTS_BLOCK / 16 + 4 + blocks roundings on the way of each term:
 *         |mean - exact| <= (t + 1) U mean|x|, |variance - exact| <= (3 t + 5) U mean(x^2).
 *         With DAZ set, subnormals count as zero in the sums.
 * Cost    4 n flops, 4 n bytes read.
 * Source  papers: initialization and variance dynamics.
 */
#ifndef MOMENTS_H
#define MOMENTS_H

#include <stddef.h>

enum {
    MOMENTS_MEAN,
    MOMENTS_VARIANCE,
    MOMENTS_MIN,
    MOMENTS_MAX,
    MOMENTS_ZERO,
    MOMENTS_SUBNORMAL,
    MOMENTS_NONFINITE,
    MOMENTS_N,
    MOMENTS_FIELDS
};
enum { MOMENTS_DST, MOMENTS_SRC }; /* operands of the spec */
enum { MOMENTS_BLOCK = 4096 };

/* What a block adds up to; min and max are +Inf and -Inf where nothing is finite. */
struct moments_part {
    double sum, square, min, max, zero, subnormal, nonfinite;
};
/* One part of n <= MOMENTS_BLOCK elements. */
typedef void moments_fn(struct moments_part *part, const float *src, size_t n);

struct kernel_set;
/* On up to `threads` threads, which start only where they pay. */
void moments(const struct kernel_set *set, int threads, const float *src, size_t n,
             double dst[MOMENTS_FIELDS]);

#endif
