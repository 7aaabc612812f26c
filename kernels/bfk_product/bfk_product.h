/* bfk_product: the backward-to-feature kernel of the last features of a chain times a vector: which way, and how fast, a step of
 * gradient descent moves those features where `v` is the gradient of the loss there.
 *
 *   dst = K v,   K = sum over j of rate_j (D f_depth / D w_j) transpose(D f_depth / D w_j)
 *
 * K is symmetric, positive semidefinite, and of dimension bfk_dim(chain) = m n, n of the last layer. It is never formed: K v is what chain_jvp
 * calls v_depth when chain_vjp starts from ddst = v. The kernel of the features of layer l is that of the chain with
 * depth = l and the same layers, acts and gram.
 *
 * chain   base/chain.h, with the rates of the step; biases are not looked at: gram has what they bring.
 * dst     m x n of the last layer; it may be v, and overlaps nothing else.
 * v       m x n of the last layer; read only.
 * acts    q_1 .. q_depth as chain_fwd writes them, q_depth not at all; gram as chain_grads; read only.
 * scratch bfk_product_scratch(chain) floats of work space.
 * Any alignment, rows without gaps.
 * m, depth and the layers' sizes  any value that chain_check() passes; depth = 0 writes nothing.
 * Special as the rooms say; a NaN among the activations keeps what passes.
 * Order   part of the contract: chain_vjp without dsrc, then chain_jvp without its table. The same words on every lane and for any
 *         number of threads.
 * Error   each layer errs as its room says of the operands that it has; what that comes to is base/perturbed.h's. What rounding
 *         leaves of K is neither symmetric nor semidefinite by as much.
 * Cost    4 m k n flops a layer but the first and 2 m^2 n a layer; those weights read twice.
 * Source  Chizat, Netrapalli, "The feature speed formula", NeurIPS 2024, arXiv 2311.18718: the BFK.
 */
#ifndef BFK_PRODUCT_H
#define BFK_PRODUCT_H

#include "../base/chain.h"

/* Operands of the spec: chain_case.h says what its shapes and flags are. */
enum {
    BFK_PRODUCT_DST,
    BFK_PRODUCT_V,
    BFK_PRODUCT_ACTS,
    BFK_PRODUCT_GRAM,
    BFK_PRODUCT_W,
    BFK_PRODUCT_PACKED,
    BFK_PRODUCT_PACKED_T,
    BFK_PRODUCT_SCRATCH
};

struct bfk_product {
    const struct chain *chain;
    float *dst;
    const float *v, *acts, *gram;
    float *scratch;
};

size_t bfk_dim(const struct chain *c);
size_t bfk_product_scratch(const struct chain *c);

struct kernel_set;
/* On up to `threads` threads: each room takes those that pay. */
void bfk_product(const struct kernel_set *set, int threads, const struct bfk_product *a);

#endif
