#include "chain.h"

enum status chain_check(const struct chain *c)
{
    for (size_t l = 1; l <= c->depth; l++) {
        const struct chain_layer *y = &c->layer[l - 1];
        if (l > 1 && y->k != c->layer[l - 2].n)
            return fail(STATUS_DATA, "layer %zu takes %zu inputs, layer %zu makes %zu", l, y->k,
                        l - 1, c->layer[l - 2].n);
        if (y->over > 2)
            return fail(STATUS_DATA, "layer %zu: a skip connection over %zu layers, not 1 or 2", l,
                        y->over);
        if (y->over && l <= y->over)
            return fail(STATUS_DATA, "layer %zu: a skip connection from before the first layer", l);
        if (y->over && c->layer[l - 1 - y->over].n != y->n)
            return fail(STATUS_DATA, "layer %zu makes %zu features, its skip connection brings %zu",
                        l, y->n, c->layer[l - 1 - y->over].n);
    }
    return STATUS_OK;
}

size_t chain_offset(const struct chain *c, size_t l)
{
    size_t columns = 0;
    for (size_t i = 1; i < l; i++) columns += c->layer[i - 1].n;
    return c->m * columns;
}

size_t chain_widest(const struct chain *c)
{
    size_t widest = 0;
    for (size_t i = 0; i < c->depth; i++)
        if (c->layer[i].n > widest) widest = c->layer[i].n;
    return widest;
}

size_t chain_weights(const struct chain *c)
{
    size_t weights = 0;
    for (size_t i = 0; i < c->depth; i++) weights += c->layer[i].k * c->layer[i].n;
    return weights;
}

bool chain_cuts(const struct chain *c, size_t l)
{
    return l >= c->depth || c->layer[l].over < 2;
}

bool chain_keeps_features(const struct chain *c)
{
    bool skips = false;
    for (size_t i = 0; i < c->depth; i++) skips |= c->layer[i].over > 0;
    return skips && !c->linear;
}
