/* perturbed_bfk: the backward-to-feature kernel of the last features of a chain in f64, formed where it is small and as a
 * product that rounding moves (base/perturbed.h): the oracle of the rooms bfk_*.
 *
 *   K[(i,a)][(i',a')] = sum over l of rate_l gram_l[i][i'] sum over c of T_l^i[c][a] T_l^i'[c][a']
 *
 * with T_l^i the transposed Jacobian of row i of f_depth by the same row of f_l.
 */
#ifndef BASE_PERTURBED_BFK_H
#define BASE_PERTURBED_BFK_H

#include "perturbed_chain.h"

/* The greatest dimension whose matrix is formed. */
enum { PERTURBED_BFK_FORMED = 512 };

/* Of one row of the batch: n_l x n_to matrices T_l, l = from .. to, one behind the other;
 *   T_to = 1,  T_l = d_l * (w_{l+1} T_{l+1}) + skip_{l+1} T_{l+1} + skip_{l+2} T_{l+2}
 * as the pullback goes (chain_vjp). from = 0: f_0 is the input, which nothing rectifies. */
struct perturbed_jacobians {
    const struct perturbed_chain *model;
    const float *acts; /* of all rows and layers; unused if linear */
    size_t row, from, to;
};
size_t perturbed_jacobians_count(const struct perturbed_jacobians *a);
void perturbed_jacobians(const struct perturbed_jacobians *a, double *t);

struct perturbed_bfk {
    const struct perturbed_chain *model;
    const float *acts;
    size_t dim;         /* m n of the last layer; 0 without layers */
    double *gram, *k;   /* k: dim x dim, or NULL above PERTURBED_BFK_FORMED */
    double *back, *vel; /* of all layers */
};
void perturbed_bfk_open(struct perturbed_bfk *b, const struct perturbed_chain *model,
                        const float *acts, const float *gram);
void perturbed_bfk_close(struct perturbed_bfk *b);

/* dst = K v by the matrix where p is exact and the matrix is there, else by the passes through the chain. */
void perturbed_bfk_product(struct perturbed *p, const struct perturbed_bfk *b, double *dst,
                           const double *v);
/* want = K v and how far a right result may be off, of so many runs. */
void perturbed_bfk_want(const struct perturbed_bfk *b, double *want, double *slack, const double *v,
                        int runs);

#endif
