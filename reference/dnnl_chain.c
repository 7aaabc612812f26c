#include "dnnl_chain.h"

#include <stdlib.h>

#include "chain_case.h"

/* Matrix l, from 1, of all layers'. */
static struct view layer_of(const struct chain_views *v, const float *all, size_t l)
{
    const size_t m = v->s->m, n = v->s->n;
    return view_of(all + (l - 1) * m * n, m, n, n);
}
static struct view inputs_of(const struct chain_views *v, size_t l)
{
    return l == 1 ? view_of(v->src, v->s->m, v->s->k, v->s->k) : layer_of(v, v->acts, l - 1);
}
static struct view weights_of(const struct chain_views *v, size_t l)
{
    const size_t n = v->s->n, k = v->s->k;
    return l == 1 ? view_of(v->w, k, n, n) : view_of(v->w + (k + (l - 2) * n) * n, n, n, n);
}
static struct view bias_of(const struct chain_views *v, const struct chain *c, size_t l)
{
    const size_t n = v->s->n;
    return view_of(c->layer[l - 1].bias ? v->bias + (l - 1) * n : NULL, 1, n, n);
}

void run_chain_fwd(const struct chain_views *v)
{
    struct chain_case *y = chain_case(v->s, NULL, NULL, v->bias);
    const struct chain *c = &y->chain;
    const bool keeps = chain_keeps_features(c);
    for (size_t l = 1; l <= c->depth; l++) {
        const struct chain_layer *layer = &c->layer[l - 1];
        const bool rectified = !c->linear && l < c->depth;
        const struct view q = layer_of(v, v->acts, l),
                          f = keeps && rectified ? layer_of(v, v->feats, l) : q;
        run_dense_fwd(v->run, &(struct dense_views){.dst = f,
                                                    .src = inputs_of(v, l),
                                                    .w = weights_of(v, l),
                                                    .bias = bias_of(v, c, l),
                                                    .relu = rectified && !keeps});
        if (layer->over)
            run_sum(v->run, f, 1.0f, f, layer->skip,
                    layer_of(v, keeps ? v->feats : v->acts, l - layer->over));
        if (keeps && rectified) run_relu_fwd(v->run, q, f);
    }
    free(y);
}

void run_chain_vjp(const struct chain_views *v)
{
    struct chain_case *y = chain_case(v->s, NULL, NULL, NULL);
    const struct chain *c = &y->chain;
    const struct view ddst = view_of(v->ddst, v->s->m, v->s->n, v->s->n);
    if (c->depth) run_sum(v->run, layer_of(v, v->back, c->depth), 1.0f, ddst, 0.0f, ddst);
    for (size_t l = c->depth; l-- > 1;) {
        const struct view b = layer_of(v, v->back, l), next = layer_of(v, v->back, l + 1);
        run_dense_bwd_data(v->run, b, next, weights_of(v, l + 1));
        if (!c->linear) run_relu_bwd(v->run, b, b, layer_of(v, v->acts, l));
        if (c->layer[l].over == 1) run_sum(v->run, b, 1.0f, b, c->layer[l].skip, next);
        if (l + 2 <= c->depth && c->layer[l + 1].over == 2)
            run_sum(v->run, b, 1.0f, b, c->layer[l + 1].skip, layer_of(v, v->back, l + 2));
    }
    if (v->dsrc && c->depth)
        run_dense_bwd_data(v->run, view_of(v->dsrc, v->s->m, v->s->k, v->s->k),
                           layer_of(v, v->back, 1), weights_of(v, 1));
    free(y);
}

static void gram_of(const struct chain_views *v, const float *to, struct view x, struct view plus)
{
    const size_t m = v->s->m;
    run_products(v->run, &(struct product_views){.dst = {view_of(to, m, m, m), 1, 0},
                                                 .a = {x, 1, 0},
                                                 .b = {view_transposed(x), 1, 0},
                                                 .mask = plus,
                                                 .scale = 1.0f});
}

void run_chain_grams(const struct chain_views *v)
{
    const size_t m = v->s->m, square = m * m;
    const bool bias = v->s->flags & CHAIN_FLAG_BIAS;
    float *beta = run_scratch(v->run, square), *one = bias ? run_scratch(v->run, square) : NULL;
    for (size_t i = 0; one && i < square; i++) one[i] = 1.0f;
    for (size_t l = 1; l <= v->s->depth; l++) {
        gram_of(v, v->gram + (l - 1) * square, inputs_of(v, l), view_of(one, m, m, m));
        gram_of(v, beta, layer_of(v, v->back, l), view_of(NULL, m, m, m));
    }
}

/* Of three velocities in turn; v->dst for the last layer. */
static struct view velocity_of(const struct chain_views *v, const float *ring, size_t l)
{
    const size_t m = v->s->m, n = v->s->n;
    return view_of(l == v->s->depth ? v->dst : ring + l % 3 * m * n, m, n, n);
}

void run_chain_jvp(const struct chain_views *v)
{
    struct chain_case *y = chain_case(v->s, NULL, NULL, NULL);
    const struct chain *c = &y->chain;
    const size_t m = v->s->m, n = v->s->n;
    float *ring = run_scratch(v->run, 3 * m * n), *masked = run_scratch(v->run, m * n);
    const struct view u = view_of(run_scratch(v->run, m * m), m, m, m),
                      from = view_of(masked, m, n, n);
    for (size_t l = 1; l <= c->depth; l++) {
        const struct chain_layer *layer = &c->layer[l - 1];
        const struct view to = velocity_of(v, ring, l),
                          gram = view_of(v->gram + (l - 1) * m * m, m, m, m);
        const struct view before = l > 1 ? velocity_of(v, ring, l - 1) : from;
        if (l > 1 && !c->linear) run_relu_bwd(v->run, from, before, layer_of(v, v->acts, l - 1));
        if (layer->rate != 0.0f) run_sum(v->run, u, layer->rate, gram, 0.0f, gram);
        if (l > 1)
            run_dense_fwd(v->run, &(struct dense_views){.dst = to,
                                                        .src = c->linear ? before : from,
                                                        .w = weights_of(v, l)});
        if (l > 1 && layer->rate != 0.0f) run_dense_add(v->run, to, u, layer_of(v, v->back, l));
        if (l == 1)
            run_products(v->run, &(struct product_views){.dst = {to, 1, 0},
                                                         .a = {u, 1, 0},
                                                         .b = {layer_of(v, v->back, 1), 1, 0},
                                                         .scale = 1.0f});
        if (layer->over)
            run_sum(v->run, to, 1.0f, to, layer->skip, velocity_of(v, ring, l - layer->over));
    }
    free(y);
}
