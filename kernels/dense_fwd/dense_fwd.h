/* dense_fwd: a fully connected layer.
 *
 *   dst[i][j] = act(bias[j] + sum over p of src[i][p] * w[p][j])
 *
 * dst     m x n, row i at dst + i ld_dst, any alignment; overlaps no other operand.
 * src     m x k, row i at src + i ld_src, any alignment; read only.
 * w       plain: k x n, row p at w + p ld_w; packed: as dense_pack writes it, ld_w unused. Any
 *         alignment, read only.
 * bias    n floats, or NULL for none; read only.
 * relu    act(x) is x < 0 ? +0 : x, else x itself.
 * m, n, k any value; with k = 0 the sum is +0. ld_dst >= n, ld_src >= k, plain ld_w >= n.
 * Special NaN and Inf follow IEEE 754; which NaN comes out is not specified. ReLU lets NaN and -0 through.
 * Order   part of the contract: acc starts as bias[j] (+0 without), then takes acc = fma(src[i][p],
 *         w[p][j], acc) for p = 0 .. k-1 in order, whatever m, the layout or the threads. Every variant
 *         returns the same words (the omp lanes too, where the compiler keeps that order).
 * Error   each of the k steps rounds once, so the exact terms are multiplied by at most k factors within
 *         1 +- u, u = 2^-24: |dst - exact| <= gamma_k (|bias| + sum |src| |w|) + k 2^-149,
 *         gamma_k = k u / (1 - k u); the last term is the subnormal roundings. ReLU only shrinks it.
 * Cost    2 m n k flops; 4 (m k + k n + n) bytes read, 4 m n written.
 * Source  papers: initialization and variance dynamics; the feature speed formula.
 */
#ifndef DENSE_FWD_H
#define DENSE_FWD_H

#include <stdbool.h>
#include <stddef.h>

/* Operands of the spec. Flags: relu, packed, nobias. */
enum { DENSE_FWD_DST, DENSE_FWD_SRC, DENSE_FWD_W, DENSE_FWD_BIAS, DENSE_FWD_PACKED };
enum { DENSE_FWD_FLAG_RELU = 1, DENSE_FWD_FLAG_PACKED = 2, DENSE_FWD_FLAG_NOBIAS = 4 };

struct dense_fwd {
    float *dst;
    const float *src, *w, *bias;
    size_t m, n, k;
    size_t ld_dst, ld_src, ld_w;
    bool relu, packed;
};
typedef void dense_fwd_fn(const struct dense_fwd *a);

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void dense_fwd(const struct kernel_set *set, int threads, const struct dense_fwd *a);

#endif
