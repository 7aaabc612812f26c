/* dense_pack: weights in the order in which the dense kernels read them, for every lane the same.
 *
 *   plain:      panel j of ceil(n / 16), row p of k:  dst[(j k + p) 16 + c] = w[p][16 j + c]
 *   transpose:  panel j of ceil(k / 16), row q of n:  dst[(j n + q) 16 + c] = w[16 j + c][q]
 *
 * dense_fwd and mlp_fwd read the plain form, dense_bwd_data the transposed one. A panel is contiguous; its
 * columns past the end of w are +0.
 *
 * dst     dense_pack_floats(k, n, transpose) floats, any alignment; does not overlap w.
 * w       k x n, row p at w + p ld_w, any alignment; read only.
 * k, n    any value; 0 writes nothing. ld_w >= n.
 * Special every word is copied as it is.
 * Error   exact.
 * Cost    4 k n bytes read, as many written, no flops.
 * Source  panels after Goto and van de Geijn, Anatomy of high-performance matrix multiplication, 2008.
 */
#ifndef DENSE_PACK_H
#define DENSE_PACK_H

#include <stdbool.h>
#include <stddef.h>

enum { DENSE_PACK_DST, DENSE_PACK_W }; /* operands of the spec; flag 0: transpose */

struct dense_pack {
    float *dst;
    const float *w;
    size_t k, n, ld_w;
    bool transpose;
};
typedef void dense_pack_fn(const struct dense_pack *a);

/* The floats that dst holds. */
static inline size_t dense_pack_floats(size_t k, size_t n, bool transpose)
{
    return transpose ? (k + 15) / 16 * 16 * n : (n + 15) / 16 * 16 * k;
}

struct kernel_set;
/* The same on up to `threads` threads, which start only where they pay. */
void dense_pack(const struct kernel_set *set, int threads, const struct dense_pack *a);

#endif
