#include "perturbed_mlp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* Before the kink of layer l. */
static void see_inputs(const struct perturbed *p, const struct pass *s, size_t l, const double *z)
{
    const struct mlp_layout *y = &s->a->net;
    const size_t at = s->a->m * mlp_units(y, l - 1);
    if (!s->a->kinks || l == y->depth) return;
    perturbed_see(s->a->kinks->z + at, s->a->kinks->slack + at, z, s->a->m * y->width[l], p->seed);
}

static void forward(struct perturbed *p, const struct pass *s)
{
    const struct mlp_layout *y = &s->a->net;
    uint64_t sides = 0;
    for (size_t l = 1; l <= y->depth; l++) {
        const struct perturbed_linear linear = layer_of(s->a, l);
        double *h = s->acts + s->a->m * mlp_units(y, l - 1);
        perturbed_linear_fwd(p, &linear, h, input_of(s, l));
        see_inputs(p, s, l, h);
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
        const struct perturbed_kinks *kinks = s->a->kinks;
        const size_t at = l > 1 ? s->a->m * mlp_units(y, l - 2) : 0;
        const double *side = kinks ? kinks->z + at : h;
        if (kinks && dsrc && p->seed == 0) memcpy(kinks->d + at, dsrc, count * sizeof *dsrc);
        for (size_t i = 0; i < count && dsrc; i++) s->d[i] = side[i] <= 0.0 ? 0.0 : dsrc[i];
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

/* ---- either side of a kink */

struct perturbed_kinks perturbed_kinks_open(const struct mlp_layout *net, size_t m)
{
    const size_t count = m * mlp_units(net, net->depth - 1);
    double *all = perturbed_doubles(3 * count);
    return (struct perturbed_kinks){all, all + count, all + 2 * count};
}

void perturbed_kinks_close(struct perturbed_kinks *kinks)
{
    free(kinks->z);
}

/* How far off the gradient of the inputs of layer l's units may be in row i, of that of the layer above, or NULL. */
static void either_side(const struct perturbed_mlp *a, size_t i, size_t l, double *off,
                        const double *above)
{
    const struct mlp_layout *y = &a->net;
    const size_t n = y->width[l], next = y->width[l + 1], at = a->m * mlp_units(y, l - 1) + i * n;
    const double *w = a->param + mlp_offset(y, l + 1);
    for (size_t j = 0; j < n; j++) {
        const double z = a->kinks->z[at + j];
        const bool either = !(fabs(z) > a->kinks->slack[at + j]);
        off[j] = either ? fabs(a->kinks->d[at + j]) : 0.0;
        for (size_t q = 0; q < next && above && (either || z > 0.0); q++)
            off[j] += fabs(w[j * next + q]) * above[q];
    }
}

/* Row i's share of what layer l's weights and biases may be off by. */
static void add_share(const struct perturbed_mlp *a, size_t i, size_t l, double *slack,
                      const double *off)
{
    const struct mlp_layout *y = &a->net;
    const size_t n = y->width[l], k = y->width[l - 1];
    const size_t before = l > 1 ? a->m * mlp_units(y, l - 2) + i * k : i * k;
    double *w = slack + mlp_offset(y, l), *bias = w + k * n;
    for (size_t j = 0; j < n; j++) {
        if (off[j] == 0.0) continue;
        for (size_t p = 0; p < k; p++) {
            const double h = l > 1
                                 ? fmax(a->kinks->z[before + p] + a->kinks->slack[before + p], 0.0)
                                 : fabs(a->src[before + p]);
            const double sum = w[p * n + j] + h * off[j];
            w[p * n + j] = isnan(sum) ? INFINITY : sum;
        }
        if (y->bias) bias[j] = isnan(off[j]) ? INFINITY : bias[j] + off[j];
    }
}

static bool has_kink(const struct perturbed_mlp *a, size_t i)
{
    const struct mlp_layout *y = &a->net;
    for (size_t l = 1; l < y->depth; l++) {
        const size_t at = a->m * mlp_units(y, l - 1) + i * y->width[l];
        for (size_t j = at; j < at + y->width[l]; j++)
            if (!(fabs(a->kinks->z[j]) > a->kinks->slack[j])) return true;
    }
    return false;
}

void perturbed_mlp_kinks(const struct perturbed_mlp *a, double *slack, int runs)
{
    const struct mlp_layout *y = &a->net;
    size_t widest = 0;
    for (size_t l = 1; l < y->depth; l++) {
        const size_t at = a->m * mlp_units(y, l - 1);
        perturbed_slack(a->kinks->z + at, a->kinks->slack + at, a->m * y->width[l], runs);
        widest = y->width[l] > widest ? y->width[l] : widest;
    }
    double *off = perturbed_doubles(2 * widest), *above = off + widest;
    for (size_t i = 0; i < a->m; i++)
        for (size_t l = has_kink(a, i) ? y->depth - 1 : 0; l > 0; l--) {
            either_side(a, i, l, off, l + 1 < y->depth ? above : NULL);
            add_share(a, i, l, slack, off);
            memcpy(above, off, y->width[l] * sizeof *off);
        }
    free(off);
}
