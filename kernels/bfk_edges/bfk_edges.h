/* bfk_edges: the least and the greatest eigenvalue of the backward-to-feature kernel K, by Lanczos' method.
 *
 *   K Q = Q T + rest,  Q: orthonormal basis vectors, T tridiagonal;  edges of the spectrum of T, and |K y - theta y| / |y| of y = Q s
 *   with T s = theta s
 *
 * An eigenvalue of K lies within the residual of theta; the spectrum's least is no greater, its greatest no less than theta, but for
 * rounding. After dim steps, and wherever a step leaves nothing, the edges are those of K.
 *
 * chain   base/chain.h, with the rates of the step; biases are not looked at.
 * edges   five doubles, as the enum below names them: least, greatest, the residual of each, the steps that were done. NaN, and
 *         0 steps, where dim = bfk_dim(chain) or steps is 0.
 * steps   at most; more than dim count as dim.
 * seed    of the start vector: normal_fill, stream BFK_EDGES_STREAM, scaled to length 1.
 * acts, gram  as bfk_product takes them; read only.
 * scratch bfk_edges_scratch(chain, steps) floats of work space, work bfk_edges_work(chain, steps) doubles.
 * Any alignment, rows without gaps; no overlap.
 * m, depth and the layers' sizes  any value that chain_check() passes.
 * Special as the rooms say: what makes a product NaN makes edges and residuals NaN.
 * Order   part of the contract. Step j: w = K q_j as bfk_product; twice for i = j .. 0: c = q_i . w as dot_norms, the first being alpha_j,
 *         w = w - c q_i as axpy, c rounded to f32; beta_j = |w| as dot_norms; the end where beta_j <= 2^-24 |K q_j| or j is the last step;
 *         else q_{j+1} = w / beta_j, multiplied by the inverse in f64 and rounded once. theta and s as base/tridiagonal.h; y = sum of s_i q_i
 *         from +0 as axpy, i upwards, s_i rounded to f32; the residual is K y - h y - (theta - h) y, h = theta rounded to f32, as
 *         two axpy. The same words on every lane and for any number of threads.
 * Error   basis vectors are f32, what bfk_product takes: kept in f64 they would be rounded before each product, which errs by more than
 *         one rounding anyway. Orthogonal to about steps^(1/2) u, u = 2^-24, since twice is enough. T is that of a matrix that
 *         differs from K by e, the greatest error of a product with a unit vector, and by about 2 steps u |K|: an edge after
 *         dim steps errs by as much, and a residual is no less than an error of that size. Below 2^-24 |K q| nothing
 *         but rounding is left of a step: the products' results have that error at least. Whether a step that leaves nothing but
 *         rounding ends it is for the rounding to say: it costs steps and moves the edges by no more than the rest.
 * Cost    a bfk_product a step and two for the residuals, 8 dim flops for each pair of basis vectors.
 * Source  Lanczos, J. Res. NBS 45, 1950; twice is enough: Parlett, "The symmetric eigenvalue problem", 1980, 6.9, 13.
 */
#ifndef BFK_EDGES_H
#define BFK_EDGES_H

#include <stdint.h>

#include "../base/chain.h"

/* Operands of the spec: chain_case.h says what its shapes and flags are; heads is the number of steps. */
enum {
    BFK_EDGES_EDGES,
    BFK_EDGES_ACTS,
    BFK_EDGES_GRAM,
    BFK_EDGES_W,
    BFK_EDGES_PACKED,
    BFK_EDGES_PACKED_T,
    BFK_EDGES_SCRATCH,
    BFK_EDGES_WORK
};
enum {
    BFK_EDGE_LEAST,
    BFK_EDGE_GREATEST,
    BFK_EDGE_LEAST_RESIDUAL,
    BFK_EDGE_GREATEST_RESIDUAL,
    BFK_EDGE_STEPS,
    BFK_EDGES_FIELDS
};

#define BFK_EDGES_STREAM 0x65646765u

struct bfk_edges {
    const struct chain *chain;
    double *edges;
    size_t steps;
    uint64_t seed;
    const float *acts, *gram;
    float *scratch;
    double *work;
};

size_t bfk_edges_scratch(const struct chain *c, size_t steps);
size_t bfk_edges_work(const struct chain *c, size_t steps);

struct kernel_set;
/* On up to `threads` threads: each room takes those that pay. */
void bfk_edges(const struct kernel_set *set, int threads, const struct bfk_edges *a);

#endif
