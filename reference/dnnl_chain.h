/* dnnl_chain: chains of dense layers as a framework would run them, a primitive for each step: for the twins of the rooms on
 * chains. */
#ifndef REFERENCE_DNNL_CHAIN_H
#define REFERENCE_DNNL_CHAIN_H

#include "dnnl.h"

/* Operands of those rooms; NULL what the room has not. */
struct chain_views {
    struct twin_run *run;
    const struct shape *s;
    const float *w, *bias; /* plain */
    const float *src, *ddst, *acts, *feats, *back, *dsrc, *gram, *dst;
};
void run_chain_fwd(const struct chain_views *v);
void run_chain_vjp(const struct chain_views *v);
/* Gram matrices, and those of the backward pass, of which nothing more is made. */
void run_chain_grams(const struct chain_views *v);
/* Velocities; no products with the backward pass, no norms. */
void run_chain_jvp(const struct chain_views *v);

#endif
