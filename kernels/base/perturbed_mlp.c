#include "perturbed_mlp.h"

#include <math.h>
#include <stdlib.h>

static const double U = 0x1p-24, LEAST = 0x1p-149;

struct pass {
    const struct perturbed_mlp *a;
    double *acts; /* h_1 .. h_depth */
    double *d;    /* m x the widest layer: the gradient of a layer's outputs */
};

static struct perturbed_linear layer_of(const struct perturbed_mlp *a, size_t l)
{
    const struct mlp_layout *y = &a->net;
    const double *w = a->param + mlp_offset(y, l);
    return (struct perturbed_linear){.w = w,
                                     .bias = y->bias ? w + mlp_weights(y, l) : NULL,
                                     .m = a->m,
                                     .n = y->width[l],
                                     .k = y->width[l - 1]};
}

static const double *input_of(const struct pass *s, size_t l)
{
    return l > 1 ? s->acts + s->a->m * mlp_units(&s->a->net, l - 2) : s->a->src;
}

static void forward(struct perturbed *p, const struct pass *s)
{
    const struct mlp_layout *y = &s->a->net;
    uint64_t sides = 0;
    for (size_t l = 1; l <= y->depth; l++) {
        const struct perturbed_linear linear = layer_of(s->a, l);
        double *h = s->acts + s->a->m * mlp_units(y, l - 1);
        perturbed_linear_fwd(p, &linear, h, input_of(s, l));
        for (size_t i = 0; i < s->a->m * y->width[l] && l < y->depth; i++) {
            const bool off = h[i] <= 0.0;
            sides = 3 * sides + off;
            if (off) h[i] = 0.0;
        }
    }
    if (s->a->sides) *s->a->sides = sides;
}

/* The loss of a row of n logits over tau, its derivatives by them, times dloss, and how far both may be off. */
struct row {
    double *z, *d, *e_d; /* z: the logits, then logits / tau */
    const double *y;
    size_t n;
    double tau, dloss;
};

static void entropy_row(const struct row *r, double *loss, double *e_loss)
{
    double most = -INFINITY, sum = 0.0, part = 0.0, a = 0.0;
    for (size_t j = 0; j < r->n; j++) most = fmax(most, r->z[j] /= r->tau);
    for (size_t j = 0; j < r->n; j++) {
        sum += exp(r->z[j] - most);
        part += r->y[j];
        a += r->y[j] * (most - r->z[j]);
    }
    const double l = log(sum), lse = most + l, steps = sqrt((double)r->n / 16.0 + 5.0);
    double apart = 0.0;
    for (size_t j = 0; j < r->n; j++) apart += exp(r->z[j] - lse) * (most - r->z[j]);
    *loss = a + part * l;
    *e_loss = U * (part * (steps + 4.0 * apart + 3.0 * l) + (steps + 3.0) * a + fabs(*loss));
    for (size_t j = 0; j < r->n; j++) {
        const double q = exp(r->z[j] - lse), off = q - r->y[j];
        const double exponent = fabs(r->z[j]) + 3.0 * fabs(r->z[j] - lse) + fabs(lse);
        r->d[j] = off * r->dloss / r->tau;
        r->e_d[j] =
            fabs(r->dloss) / r->tau *
                (q * U * (exponent + steps + 4.0 * apart + 4.0) + 4.0 * U * fabs(off) + 0x1p-126) +
            LEAST;
    }
}

static void square_row(const struct row *r, double *loss, double *e_loss)
{
    *loss = 0.0;
    for (size_t j = 0; j < r->n; j++) {
        const double off = r->z[j] - r->y[j];
        *loss += 0.5 * off * off;
        r->d[j] = off * r->dloss;
        r->e_d[j] = 2.0 * U * fabs(r->d[j]) + LEAST;
    }
    *e_loss = 3.0 * U * *loss;
}

/* From the outputs to the loss and into s->d. One output is the logit of class 1 beside a 0. */
static void losses(struct perturbed *p, const struct pass *s, double *loss, const double *dloss)
{
    const struct perturbed_mlp *a = s->a;
    const size_t outputs = a->net.width[a->net.depth], n = mlp_classes(&a->net, a->square);
    const double *h = s->acts + a->m * mlp_units(&a->net, a->net.depth - 1);
    const size_t skip = n - outputs;
    double *e = perturbed_doubles(a->m * (outputs + 1) + 3 * n), *e_d = e + a->m,
           *z = e_d + a->m * outputs;
    for (size_t i = 0; i < a->m; i++) {
        const struct row r = {
            z, z + n, z + 2 * n, a->target + i * n, n, a->tau, dloss ? dloss[i] : 0.0};
        z[0] = 0.0;
        for (size_t j = 0; j < outputs; j++) z[skip + j] = h[i * outputs + j];
        (a->square ? square_row : entropy_row)(&r, &loss[i], &e[i]);
        for (size_t j = 0; j < outputs; j++) {
            s->d[i * outputs + j] = r.d[skip + j];
            e_d[i * outputs + j] = r.e_d[skip + j];
        }
    }
    perturbed_move(p, loss, e, a->m);
    if (dloss) perturbed_move(p, s->d, e_d, a->m * outputs);
    free(e);
}

static void backward(struct perturbed *p, const struct pass *s, double *grad)
{
    const struct mlp_layout *y = &s->a->net;
    for (size_t l = y->depth; l > 0; l--) {
        const struct perturbed_linear linear = layer_of(s->a, l);
        const double *h = input_of(s, l);
        const size_t count = s->a->m * y->width[l - 1];
        double *dw = grad + mlp_offset(y, l), *db = y->bias ? dw + mlp_weights(y, l) : NULL;
        double *dsrc = l > 1 ? perturbed_doubles(count) : NULL;
        perturbed_linear_bwd(p, &linear, dsrc, dw, db, s->d, h);
        for (size_t i = 0; i < count && dsrc; i++) s->d[i] = h[i] <= 0.0 ? 0.0 : dsrc[i];
        free(dsrc);
    }
}

void perturbed_mlp(struct perturbed *p, const struct perturbed_mlp *a, double *loss, double *grad,
                   const double *dloss)
{
    const struct mlp_layout *y = &a->net;
    size_t widest = 0;
    for (size_t l = 1; l <= y->depth; l++) widest = y->width[l] > widest ? y->width[l] : widest;
    struct pass s = {.a = a};
    if (y->depth == 0) return;
    s.acts = perturbed_doubles(a->m * (mlp_units(y, y->depth) + widest));
    s.d = s.acts + a->m * mlp_units(y, y->depth);
    forward(p, &s);
    losses(p, &s, loss, grad ? dloss : NULL);
    if (grad) backward(p, &s, grad);
    free(s.acts);
}
