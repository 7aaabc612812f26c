/* jacobian: the conditioning of the layer-to-layer Jacobians of a chain (base/chain.h), by LAPACK.
 *
 *   J = D f_to / D f_from of one input row, n_to x n_from; f_0 is the input
 *
 * In f64, of the weights and masks as they are. For small widths: the matrix is formed.
 *
 * Source  conditioning of layer-to-layer Jacobians: Chizat, Netrapalli, "The feature speed formula", NeurIPS 2024, arXiv 2311.18718.
 */
#ifndef REFERENCE_JACOBIAN_H
#define REFERENCE_JACOBIAN_H

#include "base/chain.h"
#include "base/status.h"

struct jacobian {
    const struct chain *chain; /* with w of the layers in between */
    const float *acts;         /* as chain_fwd writes them; unused if linear */
    size_t row, from, to;      /* from <= to <= depth */
};

/* n_l; n_0 is the inputs'. */
static inline size_t jacobian_width(const struct chain *c, size_t l)
{
    return l ? c->layer[l - 1].n : c->layer[0].k;
}
/* How many values: min(n_from, n_to). */
static inline size_t jacobian_count(const struct jacobian *a)
{
    const size_t n = jacobian_width(a->chain, a->from), m = jacobian_width(a->chain, a->to);
    return n < m ? n : m;
}
/* All of them, greatest first. STATUS_UNAVAILABLE where LAPACKE is not installed. */
enum status jacobian_singular_values(const struct jacobian *a, double *values);

#endif
