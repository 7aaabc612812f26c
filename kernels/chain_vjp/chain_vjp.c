#include "chain_vjp.h"

#include <string.h>

#include "../kernel.h"

/* dsrc = ddst transpose(w_l), masked by act. */
static void pull(const struct kernel_set *set, int threads, const struct chain *c, size_t l,
                 float *dsrc, const float *ddst, const float *act)
{
    const struct chain_layer *y = &c->layer[l - 1];
    dense_bwd_data(set, threads,
                   &(struct dense_bwd_data){.dsrc = dsrc,
                                            .ddst = ddst,
                                            .w = y->wt,
                                            .act = act,
                                            .m = c->m,
                                            .n = y->n,
                                            .k = y->k,
                                            .ld_dsrc = y->k,
                                            .ld_ddst = y->n,
                                            .ld_act = y->k,
                                            .packed = true});
}

void chain_vjp(const struct kernel_set *set, int threads, const struct chain_vjp *a)
{
    const struct chain *c = a->chain;
    if (c->depth == 0) return;
    size_t at = chain_offset(c, c->depth);
    const size_t last = c->m * c->layer[c->depth - 1].n;
    if (a->back + at != a->ddst && last) memcpy(a->back + at, a->ddst, last * sizeof *a->back);
    for (size_t l = c->depth - 1; l >= 1; l--) {
        const size_t count = c->m * c->layer[l - 1].n;
        const float *next = a->back + at;
        at -= count;
        float *b = a->back + at;
        pull(set, threads, c, l + 1, b, next, c->linear ? NULL : a->acts + at);
        if (c->layer[l].over == 1) axpy(set, threads, b, c->layer[l].skip, next, b, count);
        if (l + 2 <= c->depth && c->layer[l + 1].over == 2)
            axpy(set, threads, b, c->layer[l + 1].skip, next + c->m * c->layer[l].n, b, count);
    }
    if (a->dsrc) pull(set, threads, c, 1, a->dsrc, a->back, NULL);
}
