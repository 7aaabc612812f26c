#include "perturbed_chain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double U = 0x1p-24, LEAST = 0x1p-149;

/* Layer l with its weights, to be freed, in f64. */
static struct perturbed_linear linear_of(const struct perturbed_chain *y, size_t l)
{
    const struct chain_layer *layer = &y->chain->layer[l - 1];
    size_t from = 0;
    for (size_t i = 0; i + 1 < l; i++) from += y->chain->layer[i].k * y->chain->layer[i].n;
    const size_t count = layer->k * layer->n;
    double *w = perturbed_doubles(count);
    for (size_t i = 0; i < count; i++) w[i] = (double)y->w[from + i];
    return (struct perturbed_linear){.w = w, .m = y->chain->m, .n = layer->n, .k = layer->k};
}

/* x[i] += a y[i], one of `steps` roundings of the sum that x is. */
static void add(struct perturbed *p, double *x, double a, const double *y, size_t n, size_t steps)
{
    double *e = perturbed_doubles(n);
    for (size_t i = 0; i < n; i++) {
        x[i] += a * y[i];
        e[i] = U * (sqrt((double)steps) * fabs(a * y[i]) + fabs(x[i])) + LEAST;
    }
    perturbed_move(p, x, e, n);
    free(e);
}

void perturbed_chain_fwd(struct perturbed *p, const struct perturbed_chain *y, double *acts,
                         double *feats, const double *src)
{
    const struct chain *c = y->chain;
    const float *bias = y->bias;
    for (size_t l = 1; l <= c->depth; l++) {
        const struct chain_layer *layer = &c->layer[l - 1];
        struct perturbed_linear a = linear_of(y, l);
        const size_t at = chain_offset(c, l), count = c->m * layer->n;
        double *shift = perturbed_doubles(layer->n), *f = feats + at, *q = acts + at;
        if (layer->bias) {
            for (size_t j = 0; j < layer->n; j++) shift[j] = (double)bias[j];
            bias += layer->n;
            a.bias = shift;
        }
        perturbed_linear_fwd(p, &a, f, src);
        if (layer->over)
            add(p, f, (double)layer->skip, feats + chain_offset(c, l - layer->over), count,
                layer->k);
        for (size_t i = 0; i < count; i++)
            q[i] = f[i] < 0.0 && l < c->depth && !c->linear ? 0.0 : f[i];
        src = q;
        free(shift);
        free((void *)a.w);
    }
}

static void mask(double *x, const float *act, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (act[i] <= 0.0f) x[i] = 0.0;
}

void perturbed_chain_vjp(struct perturbed *p, const struct perturbed_chain *y, double *back,
                         double *dsrc, const double *ddst, const float *acts)
{
    const struct chain *c = y->chain;
    if (c->depth == 0) return;
    for (size_t l = c->depth; l-- > 0;) {
        const size_t to = chain_offset(c, l + 1), width = c->layer[l].n;
        double *b = back + to;
        if (l + 1 == c->depth) memcpy(b, ddst, c->m * width * sizeof *b);
        if (l == 0 && !dsrc) break;
        const struct perturbed_linear a = linear_of(y, l + 1);
        double *before = l ? back + chain_offset(c, l) : dsrc;
        perturbed_linear_bwd(p, &a, before, NULL, NULL, b, NULL);
        free((void *)a.w);
        if (l == 0) break;
        const size_t count = c->m * c->layer[l - 1].n;
        if (!c->linear) mask(before, acts + chain_offset(c, l), count);
        if (c->layer[l].over == 1) add(p, before, (double)c->layer[l].skip, b, count, 1);
        if (l + 2 <= c->depth && c->layer[l + 1].over == 2)
            add(p, before, (double)c->layer[l + 1].skip, back + chain_offset(c, l + 2), count, 1);
    }
}

/* v += rate gram b. */
static void push_weights(struct perturbed *p, const struct chain *c, size_t l, double *v,
                         const double *back, const double *gram)
{
    const size_t m = c->m, n = c->layer[l - 1].n;
    double *u = perturbed_doubles(m * m), *more = perturbed_doubles(m * n);
    for (size_t i = 0; i < m * m; i++)
        u[i] = (double)c->layer[l - 1].rate * gram[(l - 1) * m * m + i];
    perturbed_move(p, u, NULL, m * m);
    const struct perturbed_linear a = {.w = back + chain_offset(c, l), .m = m, .n = n, .k = m};
    perturbed_linear_fwd(p, &a, more, u);
    /* The sum that is there takes part in the m roundings. */
    double *sum = perturbed_doubles(m * n);
    memcpy(sum, v, m * n * sizeof *sum);
    memcpy(v, more, m * n * sizeof *v);
    add(p, v, 1.0, sum, m * n, m);
    free(u);
    free(more);
    free(sum);
}

void perturbed_chain_jvp(struct perturbed *p, const struct perturbed_chain *y, double *v,
                         const struct perturbed_chain_given *given)
{
    const struct chain *c = y->chain;
    for (size_t l = 1; l <= c->depth; l++) {
        const struct chain_layer *layer = &c->layer[l - 1];
        const size_t at = chain_offset(c, l), count = c->m * layer->n, before = c->m * layer->k;
        double *to = v + at;
        if (l == 1) {
            memset(to, 0, count * sizeof *to);
        } else {
            const struct perturbed_linear a = linear_of(y, l);
            double *from = perturbed_doubles(before);
            memcpy(from, v + at - before, before * sizeof *from);
            if (!c->linear) mask(from, given->acts + at - before, before);
            perturbed_linear_fwd(p, &a, to, from);
            free(from);
            free((void *)a.w);
        }
        if (layer->over)
            add(p, to, (double)layer->skip, v + chain_offset(c, l - layer->over), count, layer->k);
        if (layer->rate != 0.0f) push_weights(p, c, l, to, given->back, given->gram);
    }
}
