#include "bfk_edges.h"

#include <math.h>

#include "../base/tridiagonal.h"
#include "../kernel.h"

static size_t steps_of(const struct chain *c, size_t steps)
{
    return steps < bfk_dim(c) ? steps : bfk_dim(c);
}

size_t bfk_edges_scratch(const struct chain *c, size_t steps)
{
    return (steps_of(c, steps) + 2) * bfk_dim(c) + bfk_product_scratch(c);
}

/* Diagonal, what is beside it, an eigenvector and its work space. */
size_t bfk_edges_work(const struct chain *c, size_t steps)
{
    return 4 * steps_of(c, steps);
}

struct run {
    const struct kernel_set *set;
    int threads;
    const struct bfk_edges *a;
    size_t dim, steps, done;
    float *basis, *y, *w, *scratch;
    double *diagonal, *beside, *s;
};

static void multiply(const struct run *r, float *dst, const float *v)
{
    const struct bfk_edges *a = r->a;
    bfk_product(r->set, r->threads,
                &(struct bfk_product){a->chain, dst, v, a->acts, a->gram, r->scratch});
}

/* x += c y. */
static void add(const struct run *r, float *x, double c, const float *y)
{
    axpy(r->set, r->threads, x, (float)c, y, x, r->dim);
}

static double norm_of(const struct run *r, const float *x)
{
    double sum[DOT_NORMS_FIELDS];
    dot_norms(r->set, r->threads, sum, x, x, r->dim);
    return sqrt(sum[DOT_NORMS_XX]);
}

static void normalize(const struct run *r, float *q, const float *x, double norm)
{
    const double factor = 1.0 / norm;
    for (size_t i = 0; i < r->dim; i++) q[i] = (float)((double)x[i] * factor);
}

/* Against q_j .. q_0, twice. Returns the length that w had. */
static double orthogonalize(const struct run *r, size_t j)
{
    double length = 0.0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = j + 1; i-- > 0;) {
            const float *q = r->basis + i * r->dim;
            double sum[DOT_NORMS_FIELDS];
            dot_norms(r->set, r->threads, sum, q, r->w, r->dim);
            if (pass == 0 && i == j) {
                r->diagonal[j] = sum[DOT_NORMS_XY];
                length = sqrt(sum[DOT_NORMS_YY]);
            }
            add(r, r->w, -sum[DOT_NORMS_XY], q);
        }
    return length;
}

static void lanczos(struct run *r)
{
    normal_fill(r->set, r->threads, r->w, r->dim, 1.0f, r->a->seed, BFK_EDGES_STREAM);
    double beta = norm_of(r, r->w);
    for (size_t j = 0; j < r->steps; j++) {
        float *q = r->basis + j * r->dim;
        normalize(r, q, r->w, beta);
        multiply(r, r->w, q);
        const double length = orthogonalize(r, j);
        beta = norm_of(r, r->w);
        r->done = j + 1;
        /* Also where it is NaN. */
        if (!(beta > 0x1p-24 * length)) return;
        if (r->done < r->steps) r->beside[j] = beta;
    }
}

static void edge(const struct run *r, bool greatest, double *value, double *residual)
{
    const struct tridiagonal t = {r->done, r->diagonal, r->beside};
    const double theta = tridiagonal_edge(&t, greatest);
    tridiagonal_vector(&t, greatest, theta, r->s, r->s + r->steps);
    for (size_t i = 0; i < r->dim; i++) r->y[i] = 0.0f;
    for (size_t i = 0; i < r->done; i++) add(r, r->y, r->s[i], r->basis + i * r->dim);
    multiply(r, r->w, r->y);
    const double high = (double)(float)theta;
    add(r, r->w, -high, r->y);
    add(r, r->w, -(theta - high), r->y);
    *value = theta;
    *residual = norm_of(r, r->w) / norm_of(r, r->y);
}

void bfk_edges(const struct kernel_set *set, int threads, const struct bfk_edges *a)
{
    struct run r = {.set = set, .threads = threads, .a = a, .dim = bfk_dim(a->chain)};
    r.steps = steps_of(a->chain, a->steps);
    r.basis = a->scratch;
    r.y = r.basis + r.steps * r.dim;
    r.w = r.y + r.dim;
    r.scratch = r.w + r.dim;
    r.diagonal = a->work;
    r.beside = r.diagonal + r.steps;
    r.s = r.beside + r.steps;
    for (int f = 0; f < BFK_EDGES_FIELDS; f++) a->edges[f] = NAN;
    if (r.steps) {
        lanczos(&r);
        edge(&r, false, &a->edges[BFK_EDGE_LEAST], &a->edges[BFK_EDGE_LEAST_RESIDUAL]);
        edge(&r, true, &a->edges[BFK_EDGE_GREATEST], &a->edges[BFK_EDGE_GREATEST_RESIDUAL]);
    }
    a->edges[BFK_EDGE_STEPS] = (double)r.done;
}
