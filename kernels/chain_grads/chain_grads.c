#include "chain_grads.h"

#include "../kernel.h"

/* dst = x transpose(x), x m x n. */
static void gram_of(const struct kernel_set *set, int threads, float *dst, const float *x, size_t m,
                    size_t n)
{
    if (m == 1) {
        double sum[DOT_NORMS_FIELDS];
        dot_norms(set, threads, sum, x, x, n);
        *dst = (float)sum[DOT_NORMS_XX];
        return;
    }
    dense_bwd_data(set, threads,
                   &(struct dense_bwd_data){.dsrc = dst,
                                            .ddst = x,
                                            .w = x,
                                            .m = m,
                                            .n = n,
                                            .k = m,
                                            .ld_dsrc = m,
                                            .ld_ddst = n,
                                            .ld_w = n});
}

void chain_grads(const struct kernel_set *set, int threads, const struct chain_grads *a)
{
    const struct chain *c = a->chain;
    const size_t m = c->m;
    const float *q = a->src, *next = a->acts, *b = a->back;
    for (size_t l = 0; l < c->depth; l++) {
        const struct chain_layer *y = &c->layer[l];
        float *gram = a->gram + l * m * m;
        double sum[DOT_NORMS_FIELDS];
        gram_of(set, threads, gram, q, m, y->k);
        for (size_t i = 0; i < m * m && y->bias; i++) gram[i] += 1.0f;
        gram_of(set, threads, a->scratch, b, m, y->n);
        dot_norms(set, threads, sum, gram, a->scratch, m * m);
        a->grad2[l] = sum[DOT_NORMS_XY];
        q = next;
        next += m * y->n;
        b += m * y->n;
    }
}
