#include "perturbed_bfk.h"

#include <stdlib.h>
#include <string.h>

static size_t width(const struct chain *c, size_t l)
{
    return l ? c->layer[l - 1].n : c->layer[0].k;
}

size_t perturbed_jacobians_count(const struct perturbed_jacobians *a)
{
    size_t rows = 0;
    for (size_t l = a->from; l <= a->to; l++) rows += width(a->model->chain, l);
    return rows * width(a->model->chain, a->to);
}

/* x += factor y. */
static void add(double *x, double factor, const double *y, size_t n)
{
    for (size_t i = 0; i < n; i++) x[i] += factor * y[i];
}

/* T_l, behind which lie T_{l+1} and those after it. */
static void pull(const struct perturbed_jacobians *a, size_t l, const float *w, double *t)
{
    const struct chain *c = a->model->chain;
    const size_t rows = width(c, l), next = width(c, l + 1), n = width(c, a->to);
    const double *after = t + rows * n;
    const bool rectified = l > 0 && !c->linear;
    const float *act = rectified ? a->acts + chain_offset(c, l) + a->row * rows : NULL;
    memset(t, 0, rows * n * sizeof *t);
    for (size_t r = 0; r < rows; r++)
        for (size_t q = 0; q < next && !(act && act[r] <= 0.0f); q++)
            add(t + r * n, (double)w[r * next + q], after + q * n, n);
    const struct chain_layer *one = &c->layer[l], *two = l + 2 <= a->to ? one + 1 : NULL;
    if (one->over == 1) add(t, (double)one->skip, after, rows * n);
    if (two && two->over == 2) add(t, (double)two->skip, after + next * n, rows * n);
}

void perturbed_jacobians(const struct perturbed_jacobians *a, double *t)
{
    const struct chain *c = a->model->chain;
    const size_t n = width(c, a->to);
    const float *w = a->model->w;
    for (size_t l = 1; l <= a->to; l++) w += c->layer[l - 1].k * c->layer[l - 1].n;
    double *at = t + perturbed_jacobians_count(a) - n * n;
    for (size_t i = 0; i < n * n; i++) at[i] = i % (n + 1) ? 0.0 : 1.0;
    for (size_t l = a->to; l-- > a->from;) {
        w -= c->layer[l].k * c->layer[l].n;
        at -= width(c, l) * n;
        pull(a, l, w, at);
    }
}

/* k += factor transpose(x) y, x and y rows x n, within rows of `dim`. */
static void add_product(double *k, size_t dim, double factor, const double *x, const double *y,
                        size_t rows, size_t n)
{
    for (size_t c = 0; c < rows; c++)
        for (size_t a = 0; a < n; a++) add(k + a * dim, factor * x[c * n + a], y + c * n, n);
}

static void form(struct perturbed_bfk *b)
{
    const struct chain *c = b->model->chain;
    const size_t m = c->m, n = b->dim / m;
    struct perturbed_jacobians a = {b->model, b->acts, .from = 1, .to = c->depth};
    const size_t each = perturbed_jacobians_count(&a);
    double *t = perturbed_doubles(m * each);
    for (a.row = 0; a.row < m; a.row++) perturbed_jacobians(&a, t + a.row * each);
    const double *gram = b->gram;
    for (size_t l = 1, at = 0; l <= c->depth; at += width(c, l++) * n, gram += m * m)
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < m; j++) {
                const double factor = (double)c->layer[l - 1].rate * gram[i * m + j];
                if (factor == 0.0) continue;
                add_product(b->k + i * n * b->dim + j * n, b->dim, factor, t + i * each + at,
                            t + j * each + at, width(c, l), n);
            }
    free(t);
}

void perturbed_bfk_open(struct perturbed_bfk *b, const struct perturbed_chain *model,
                        const float *acts, const float *gram)
{
    const struct chain *c = model->chain;
    const size_t all = chain_offset(c, c->depth + 1), squares = c->depth * c->m * c->m;
    *b = (struct perturbed_bfk){
        .model = model, .acts = acts, .dim = c->depth ? c->m * width(c, c->depth) : 0};
    b->back = perturbed_doubles(all);
    b->vel = perturbed_doubles(all);
    b->gram = perturbed_doubles(squares);
    for (size_t i = 0; i < squares; i++) b->gram[i] = (double)gram[i];
    if (b->dim == 0 || b->dim > PERTURBED_BFK_FORMED) return;
    b->k = perturbed_doubles(b->dim * b->dim);
    form(b);
}

void perturbed_bfk_close(struct perturbed_bfk *b)
{
    free(b->back);
    free(b->vel);
    free(b->gram);
    free(b->k);
}

void perturbed_bfk_product(struct perturbed *p, const struct perturbed_bfk *b, double *dst,
                           const double *v)
{
    const struct chain *c = b->model->chain;
    if (b->dim == 0) return;
    if (!p->seed && b->k) {
        for (size_t i = 0; i < b->dim; i++) {
            double sum = 0.0;
            for (size_t j = 0; j < b->dim; j++) sum += b->k[i * b->dim + j] * v[j];
            dst[i] = sum;
        }
        return;
    }
    perturbed_chain_vjp(p, b->model, b->back, NULL, v, b->acts);
    perturbed_chain_jvp(p, b->model, b->vel,
                        &(struct perturbed_chain_given){b->acts, b->back, b->gram});
    memcpy(dst, b->vel + chain_offset(c, c->depth), b->dim * sizeof *dst);
}

void perturbed_bfk_want(const struct perturbed_bfk *b, double *want, double *slack, const double *v,
                        int runs)
{
    double *x = perturbed_doubles(b->dim);
    for (uint64_t run = 0; run <= (uint64_t)runs; run++) {
        perturbed_bfk_product(&(struct perturbed){.seed = run}, b, x, v);
        perturbed_see(want, slack, x, b->dim, run);
    }
    perturbed_slack(want, slack, b->dim, runs);
    free(x);
}
