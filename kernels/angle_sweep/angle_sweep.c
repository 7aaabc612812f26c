#include "angle_sweep.h"

#include <math.h>

#include "../kernel.h"

size_t angle_sweep_scratch(const struct chain *c)
{
    return chain_jvp_scratch(c) > c->m * c->m ? chain_jvp_scratch(c) : c->m * c->m;
}

void angle_sweep(const struct kernel_set *set, int threads, const struct angle_sweep *a)
{
    chain_fwd(set, threads, &(struct chain_fwd){a->chain, a->acts, a->feats, a->src});
    chain_vjp(set, threads, &(struct chain_vjp){a->chain, a->back, NULL, a->ddst, a->acts});
    chain_grads(
        set, threads,
        &(struct chain_grads){a->chain, a->grad2, a->gram, a->scratch, a->acts, a->src, a->back});
    chain_jvp(
        set, threads,
        &(struct chain_jvp){a->chain, a->dst, a->table, a->acts, a->back, a->gram, a->scratch});
}

struct angle angle_of(const struct angle_sweep *a, size_t l)
{
    const double *row = a->table + (l - 1) * CHAIN_JVP_FIELDS;
    struct angle y = {.velocity = sqrt(row[CHAIN_JVP_VELOCITY2]),
                      .backward = sqrt(row[CHAIN_JVP_BACKWARD2])};
    y.cosine = row[CHAIN_JVP_DOT] / (y.velocity * y.backward);
    for (size_t i = 0; i < l; i++) {
        y.decay = (double)a->chain->layer[i].rate * a->grad2[i];
        y.decay_up_to += y.decay;
    }
    return y;
}
