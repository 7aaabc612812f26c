#include "chain_jvp.h"

#include "../kernel.h"

/* Velocities of three layers in turn, a masked one, and the rates times a Gram matrix. */
enum { RING = 3 };

size_t chain_jvp_scratch(const struct chain *c)
{
    return (RING + 1) * c->m * chain_widest(c) + c->m * c->m;
}

void chain_jvp(const struct kernel_set *set, int threads, const struct chain_jvp *a)
{
    const struct chain *c = a->chain;
    const size_t m = c->m, each = m * chain_widest(c);
    float *ring[RING] = {a->scratch, a->scratch + each, a->scratch + 2 * each};
    float *masked = a->scratch + RING * each, *u = masked + each;
    const float *act = a->acts, *b = a->back; /* of the layer before; of this one */
    for (size_t l = 1; l <= c->depth; l++) {
        const struct chain_layer *y = &c->layer[l - 1];
        const size_t count = m * y->n, before = m * y->k;
        const float *gram = a->gram + (l - 1) * m * m, *from = ring[(l - 1) % RING];
        if (l > 1 && !c->linear) {
            relu_bwd(set, threads, masked, from, act, before);
            from = masked;
        }
        const bool trained = y->rate != 0.0f;
        for (size_t i = 0; i < m * m && trained; i++) u[i] = y->rate * gram[i];
        float *v = l == c->depth && a->dst ? a->dst : ring[l % RING];
        dense_jvp(set, threads,
                  &(struct dense_jvp){.dst = v,
                                      .dsrc = from,
                                      .w = y->w,
                                      .u = u,
                                      .v = b,
                                      .prev = y->over ? ring[(l - y->over) % RING] : NULL,
                                      .m = m,
                                      .n = y->n,
                                      .k = l > 1 ? y->k : 0,
                                      .q = trained ? m : 0,
                                      .ld_dst = y->n,
                                      .ld_dsrc = y->k,
                                      .ld_u = m,
                                      .ld_v = y->n,
                                      .ld_prev = y->n,
                                      .skip = y->skip,
                                      .packed = true});
        if (a->table) dot_norms(set, threads, a->table + (l - 1) * CHAIN_JVP_FIELDS, v, b, count);
        if (l > 1) act += before;
        b += count;
    }
}
