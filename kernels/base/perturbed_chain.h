/* perturbed_chain: the chains of base/chain.h in f64, each result moved as rounding may move it (base/perturbed.h):
 * the oracles of the rooms on chains. Matrices of all layers lie as in the rooms.
 */
#ifndef BASE_PERTURBED_CHAIN_H
#define BASE_PERTURBED_CHAIN_H

#include "chain.h"
#include "perturbed.h"

struct perturbed_chain {
    const struct chain *chain; /* its weights are not looked at */
    const float *w,
        *bias; /* plain, all layers' one behind the other; bias as the layers have them */
};

/* feats: f_1 .. f_depth. */
void perturbed_chain_fwd(struct perturbed *p, const struct perturbed_chain *y, double *acts,
                         double *feats, const double *src);
/* Masks are those of acts, which are exact. dsrc NULL: not needed. */
void perturbed_chain_vjp(struct perturbed *p, const struct perturbed_chain *y, double *back,
                         double *dsrc, const double *ddst, const float *acts);
/* v: v_1 .. v_depth, of acts, back and gram, which are exact. */
struct perturbed_chain_given {
    const float *acts;
    const double *back, *gram;
};
void perturbed_chain_jvp(struct perturbed *p, const struct perturbed_chain *y, double *v,
                         const struct perturbed_chain_given *given);

#endif
