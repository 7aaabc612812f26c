#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bound.h"
#include "par.h"
#include "perturbed.h"

static const double U = 0x1p-24;

/* The matrices of a call, of which each head's part is computed alone. e: how far products may lie off. */
struct call {
    const struct perturbed_attn *a;
    double *o, *dqkv, *e;
    double *scores; /* probs from the softmax on */
    const double *qkv, *probs, *grad;
    double scale;
};

/* Row i of a head in a matrix of `parts` times heads d columns. */
static size_t at(const struct call *c, size_t head, size_t i, size_t parts)
{
    const struct perturbed_attn *a = c->a;
    return (head / a->heads * a->t + i) * parts * a->heads * a->d + head % a->heads * a->d;
}

static double dot(const double *x, const double *y, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

static double norm(const double *x, size_t n)
{
    return sqrt(dot(x, x, n));
}

static int threads_of(const struct perturbed_attn *a)
{
    return bound_threads((double)(a->batch * a->heads * a->t * a->t) * (double)a->d);
}

/* Where the norms of two rows bound a score and its error. */
ORACLE_WIDE static void attn_scores(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    const size_t t = c->a->t, d = c->a->d, wide = c->a->heads * d;
    for (size_t head = begin; head < end; head++)
        for (size_t i = 0; i < t; i++) {
            const double *q = c->qkv + at(c, head, i, 3), size = norm(q, d);
            double *s = c->scores + (head * t + i) * t, *e = c->e + (head * t + i) * t;
            for (size_t j = 0; j < t; j++) {
                const double *k = c->qkv + at(c, head, j, 3) + wide;
                s[j] = j <= i ? c->scale * dot(q, k, d) : 0.0;
                e[j] = j <= i ? U * sqrt((double)d + 1.0) * c->scale * size * norm(k, d) : 0.0;
            }
        }
}

/* From scores, moved already, to weights and how far they are off, by exponents and sums. */
ORACLE_WIDE static void attn_softmax(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    const size_t t = c->a->t;
    for (size_t r = begin * t; r < end * t; r++) {
        double *p = c->scores + r * t, *e = c->e + r * t, most = -INFINITY, sum = 0.0;
        const size_t seen = r % t + 1;
        for (size_t j = 0; j < seen; j++) most = p[j] > most || isnan(p[j]) ? p[j] : most;
        for (size_t j = 0; j < seen; j++) {
            e[j] = U * (fabs(p[j] - most) + 4.0);
            p[j] = exp(p[j] - most);
            sum += p[j];
        }
        for (size_t j = 0; j < seen; j++) {
            p[j] /= sum;
            e[j] = e[j] * p[j] + 0x1p-126;
        }
    }
}

ORACLE_WIDE static void attn_values(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    const size_t t = c->a->t, d = c->a->d, wide = c->a->heads * d;
    for (size_t head = begin; head < end; head++)
        for (size_t i = 0; i < t; i++) {
            double *o = c->o + at(c, head, i, 1), *e = c->e + at(c, head, i, 1);
            const double *p = c->probs + (head * t + i) * t;
            for (size_t x = 0; x < d; x++) o[x] = e[x] = 0.0;
            for (size_t j = 0; j <= i; j++) {
                const double *v = c->qkv + at(c, head, j, 3) + 2 * wide;
                for (size_t x = 0; x < d; x++) {
                    o[x] += p[j] * v[x];
                    e[x] += p[j] * fabs(v[x]);
                }
            }
            for (size_t x = 0; x < d; x++) e[x] *= U * sqrt((double)(i + 1) + 8.0);
        }
}

static double scale_of(const struct perturbed_attn *a)
{
    return (double)(float)(1.0 / sqrt((double)a->d));
}

void perturbed_attn_fwd(struct perturbed *p, const struct perturbed_attn *a, double *o,
                        double *probs, const double *qkv)
{
    const size_t heads = a->batch * a->heads, pairs = heads * a->t * a->t;
    const size_t out = heads * a->t * a->d;
    struct call c = {.a = a,
                     .o = o,
                     .e = perturbed_doubles(pairs > out ? pairs : out),
                     .scores = probs,
                     .qkv = qkv,
                     .probs = probs,
                     .scale = scale_of(a)};
    par_each(threads_of(a), heads, 1, attn_scores, &c);
    perturbed_move(p, probs, c.e, pairs);
    par_each(threads_of(a), heads, 1, attn_softmax, &c);
    perturbed_move(p, probs, c.e, pairs);
    par_each(threads_of(a), heads, 1, attn_values, &c);
    perturbed_move(p, o, c.e, out);
    free(c.e);
}

/* Gradients of scores, in the place of the scores: w_ij = p_ij (do_i . v_j - do_i . o_i). */
ORACLE_WIDE static void attn_score_grads(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    const size_t t = c->a->t, d = c->a->d, wide = c->a->heads * d;
    for (size_t head = begin; head < end; head++)
        for (size_t i = 0; i < t; i++) {
            const double *g = c->grad + at(c, head, i, 1), *o = c->o + at(c, head, i, 1);
            const double *p = c->probs + (head * t + i) * t, off = dot(g, o, d), size = norm(g, d);
            const double steps = sqrt((double)d + 8.0), size_o = norm(o, d);
            double *w = c->scores + (head * t + i) * t, *e = c->e + (head * t + i) * t;
            for (size_t j = 0; j < t; j++) {
                const double *v = c->qkv + at(c, head, j, 3) + 2 * wide;
                const double sees = j <= i ? 1.0 : 0.0;
                w[j] = sees * p[j] * (dot(g, v, d) - off);
                e[j] = sees * p[j] * U * steps * size * (norm(v, d) + size_o) +
                       sees * U * 8.0 * fabs(w[j]);
            }
        }
}

/* dq, dk and dv, and in e how large their terms are. */
ORACLE_WIDE static void attn_grads(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    const size_t t = c->a->t, d = c->a->d, wide = c->a->heads * d;
    for (size_t head = begin; head < end; head++) {
        for (size_t i = 0; i < t; i++)
            for (size_t part = 0; part < 3; part++)
                for (size_t x = 0; x < d; x++) {
                    const size_t to = at(c, head, i, 3) + part * wide + x;
                    c->dqkv[to] = c->e[to] = 0.0;
                }
        for (size_t i = 0; i < t; i++)
            for (size_t j = 0; j <= i; j++) {
                const size_t qi = at(c, head, i, 3), kj = at(c, head, j, 3) + wide;
                const size_t pair = (head * t + i) * t + j, vj = kj + wide;
                const double w = c->scale * c->scores[pair], p = c->probs[pair];
                const double *g = c->grad + at(c, head, i, 1), *q = c->qkv + qi, *k = c->qkv + kj;
                double *dq = c->dqkv + qi, *dk = c->dqkv + kj, *dv = c->dqkv + vj;
                double *eq = c->e + qi, *ek = c->e + kj, *ev = c->e + vj;
                for (size_t x = 0; x < d; x++) {
                    dq[x] += w * k[x];
                    dk[x] += w * q[x];
                    dv[x] += p * g[x];
                    eq[x] += fabs(w * k[x]);
                    ek[x] += fabs(w * q[x]);
                    ev[x] += fabs(p * g[x]);
                }
            }
    }
}

void perturbed_attn_bwd(struct perturbed *p, const struct perturbed_attn *a, double *dqkv,
                        const double *grad, const double *o, const double *probs, const double *qkv)
{
    const size_t heads = a->batch * a->heads, pairs = heads * a->t * a->t;
    const size_t out = 3 * heads * a->t * a->d;
    struct call c = {.a = a,
                     .o = (double *)o,
                     .dqkv = dqkv,
                     .e = perturbed_doubles(pairs > out ? pairs : out),
                     .scores = perturbed_doubles(pairs),
                     .qkv = qkv,
                     .probs = probs,
                     .grad = grad,
                     .scale = scale_of(a)};
    par_each(threads_of(a), heads, 1, attn_score_grads, &c);
    perturbed_move(p, c.scores, c.e, pairs);
    par_each(threads_of(a), heads, 1, attn_grads, &c);
    for (size_t i = 0; i < out; i++) c.e[i] *= U * sqrt((double)a->t + 2.0);
    perturbed_move(p, dqkv, c.e, out);
    free(c.e);
    free(c.scores);
}
