#include "bfk_product.h"

#include "../kernel.h"

size_t bfk_dim(const struct chain *c)
{
    return c->depth ? c->m * c->layer[c->depth - 1].n : 0;
}

size_t bfk_product_scratch(const struct chain *c)
{
    return chain_offset(c, c->depth + 1) + chain_jvp_scratch(c);
}

void bfk_product(const struct kernel_set *set, int threads, const struct bfk_product *a)
{
    const struct chain *c = a->chain;
    float *back = a->scratch, *scratch = back + chain_offset(c, c->depth + 1);
    chain_vjp(set, threads, &(struct chain_vjp){c, back, NULL, a->v, a->acts});
    chain_jvp(set, threads, &(struct chain_jvp){c, a->dst, NULL, a->acts, back, a->gram, scratch});
}
