#include "studies/network.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "studies/init.h"

static size_t branch_of(const struct network_plan *p)
{
    return p->branch ? p->branch : 1;
}
static double gain_of(const struct network_plan *p)
{
    return p->gain > 0.0 ? p->gain : sqrt(2.0);
}
/* The last layer of a branch, which the skip connection passes by. */
static bool closes(const struct network_plan *p, size_t l)
{
    return p->beta < 1.0 && l > branch_of(p) && (l - 1) % branch_of(p) == 0;
}
static bool trained(const struct network_plan *p, size_t l)
{
    return l > 1 || p->train_first;
}
static size_t inputs_of(const struct network_plan *p, size_t l)
{
    return l == 1 ? p->inputs : p->width;
}
static size_t weights_of(const struct network_plan *p, size_t l)
{
    return inputs_of(p, l) * p->width;
}

/* Cut from the arena where it is open, added up where it is not. */
struct cutter {
    struct arena *arena;
    size_t bytes;
};
static void *cut(struct cutter *c, size_t count, size_t size)
{
    if (c->arena) return arena_take(c->arena, count, size);
    c->bytes += arena_bytes(count, size);
    return NULL;
}
static float *floats(struct cutter *c, size_t count)
{
    return cut(c, count, sizeof(float));
}

static void layers_take(struct network *y, struct cutter *c)
{
    const struct network_plan *p = &y->plan;
    y->layer = cut(c, p->depth, sizeof *y->layer);
    y->packed = cut(c, p->depth, sizeof *y->packed);
    y->packed_t = cut(c, p->depth, sizeof *y->packed_t);
    for (size_t l = 1; l <= p->depth; l++) {
        const size_t k = inputs_of(p, l);
        float *w = floats(c, dense_pack_floats(k, p->width, false));
        float *wt = floats(c, dense_pack_floats(k, p->width, true));
        if (!y->layer) continue;
        y->packed[l - 1] = w;
        y->packed_t[l - 1] = wt;
        y->layer[l - 1] = (struct chain_layer){.w = w,
                                               .wt = wt,
                                               .k = k,
                                               .n = p->width,
                                               .over = closes(p, l) ? branch_of(p) : 0,
                                               .skip = (float)sqrt(1.0 - p->beta * p->beta)};
    }
    y->chain = (struct chain){y->layer, p->batch, p->depth, p->linear};
}

static void take(struct network *y, struct cutter *c)
{
    const struct network_plan *p = &y->plan;
    const size_t m = p->batch, layer = m * p->width, all = p->depth * layer;
    const size_t widest = p->inputs > p->width ? p->inputs : p->width;
    size_t weights = widest * p->width;
    layers_take(y, c);
    if (p->keeps_weights) weights = weights_of(p, 1) + (p->depth - 1) * weights_of(p, 2);
    y->plain = floats(c, weights);
    y->src = floats(c, m * p->inputs);
    y->ddst = floats(c, layer);
    y->sweep = (struct angle_sweep){.chain = &y->chain,
                                    .acts = floats(c, all),
                                    .feats = floats(c, p->beta < 1.0 ? all : 0),
                                    .back = floats(c, all),
                                    .gram = floats(c, p->depth * m * m),
                                    .dst = floats(c, layer),
                                    .scratch = floats(c, 4 * m * widest + m * m),
                                    .grad2 = cut(c, p->depth, sizeof(double)),
                                    .table = cut(c, p->depth * CHAIN_JVP_FIELDS, sizeof(double)),
                                    .src = y->src,
                                    .ddst = y->ddst};
}

enum status network_open(struct network *y, const struct kernel_set *set, int threads,
                         const struct network_plan *plan)
{
    char what[96];
    struct cutter c = {NULL, 0};
    *y = (struct network){.plan = *plan, .set = set, .threads = threads};
    snprintf(what, sizeof what, "a network of depth %zu, width %zu, batch %zu", plan->depth,
             plan->width, plan->batch);
    take(y, &c);
    const enum status status = arena_open(&y->arena, c.bytes, what);
    if (status != STATUS_OK) return status;
    c.arena = &y->arena;
    take(y, &c);
    return STATUS_OK;
}

void network_close(struct network *y)
{
    arena_close(&y->arena);
}

/* Of one draw: layers from 1 on, other things behind them. */
enum { STREAMS = 1 << 20, OTHERS = 1 << 19 };

void network_normals(const struct network *y, float *dst, size_t n, double scale, uint64_t seed,
                     uint64_t draw, uint64_t stream)
{
    normal_fill(y->set, y->threads, dst, n, (float)scale, seed, draw * STREAMS + OTHERS + stream);
}

static float *plain_of(const struct network *y, size_t l)
{
    const bool all = y->plan.keeps_weights && l > 1;
    return y->plain + (all ? weights_of(&y->plan, 1) + (l - 2) * weights_of(&y->plan, 2) : 0);
}

static void pack(const struct network *y, size_t l)
{
    const struct chain_layer *to = &y->layer[l - 1];
    struct dense_pack a = {y->packed[l - 1], plain_of(y, l), to->k, to->n, to->n, false};
    dense_pack(y->set, y->threads, &a);
    a.dst = y->packed_t[l - 1];
    a.transpose = true;
    dense_pack(y->set, y->threads, &a);
}

void network_draw(struct network *y, uint64_t seed, uint64_t draw)
{
    const struct network_plan *p = &y->plan;
    for (size_t l = 1; l <= p->depth; l++) {
        const size_t k = inputs_of(p, l), count = weights_of(p, l);
        const double factor = closes(p, l) ? p->beta : 1.0;
        /* The embedding has no ReLU before it. */
        const double gain = l == 1 ? 1.0 : gain_of(p);
        float *w = plain_of(y, l);
        const bool turn = p->orthogonal && l > 1;
        const double scale = turn ? 1.0 : factor * gain / sqrt((double)k);
        normal_fill(y->set, y->threads, w, count, (float)scale, seed, draw * STREAMS + l);
        if (turn) {
            init_orthonormalize(y->set, w, k, p->width);
            for (size_t i = 0; i < count; i++) w[i] *= (float)(factor * gain);
        }
        pack(y, l);
    }
}

const float *network_features(const struct network *y, size_t l)
{
    const size_t at = chain_offset(&y->chain, l);
    const bool kept = chain_keeps_features(&y->chain) && l < y->chain.depth;
    return (kept ? y->sweep.feats : y->sweep.acts) + at;
}

void network_forward(struct network *y)
{
    const struct angle_sweep *a = &y->sweep;
    chain_fwd(y->set, y->threads, &(struct chain_fwd){a->chain, a->acts, a->feats, a->src});
}

void network_backward(struct network *y)
{
    const struct angle_sweep *a = &y->sweep;
    chain_vjp(y->set, y->threads, &(struct chain_vjp){a->chain, a->back, NULL, a->ddst, a->acts});
    chain_grads(
        y->set, y->threads,
        &(struct chain_grads){a->chain, a->grad2, a->gram, a->scratch, a->acts, a->src, a->back});
}

void network_rates_equal(struct network *y, double eta)
{
    for (size_t l = 1; l <= y->plan.depth; l++) {
        const double grad2 = y->sweep.grad2[l - 1];
        y->layer[l - 1].rate = trained(&y->plan, l) && grad2 > 0.0 ? (float)(eta / grad2) : 0.0f;
    }
}

void network_rates_fixed(struct network *y, double eta)
{
    for (size_t l = 1; l <= y->plan.depth; l++) {
        const double beta = closes(&y->plan, l) ? y->plan.beta : 1.0;
        y->layer[l - 1].rate = trained(&y->plan, l) ? (float)(eta * beta * beta) : 0.0f;
    }
}

void network_velocity(struct network *y)
{
    const struct angle_sweep *a = &y->sweep;
    chain_jvp(
        y->set, y->threads,
        &(struct chain_jvp){a->chain, a->dst, a->table, a->acts, a->back, a->gram, a->scratch});
}

/* (w - rate transpose(q) b) on new inputs q' is q' w - rate (q' transpose(q)) b. */
void network_after_step(const struct network *y, float *dst)
{
    enum { RING = 3 }; /* features of three layers in turn */
    const struct angle_sweep *a = &y->sweep;
    const size_t m = y->plan.batch, n = y->plan.width;
    float *q_new = a->scratch + RING * m * n, *u = q_new + m * n;
    const float *now = a->src, *q = a->src, *b = a->back;
    for (size_t l = 1; l <= y->plan.depth; l++) {
        const struct chain_layer *to = &y->layer[l - 1];
        float *f = l == y->plan.depth ? dst : a->scratch + l % RING * m * n;
        dense_bwd_data(y->set, y->threads,
                       &(struct dense_bwd_data){.dsrc = u,
                                                .ddst = now,
                                                .w = q,
                                                .m = m,
                                                .n = to->k,
                                                .k = m,
                                                .ld_dsrc = m,
                                                .ld_ddst = to->k,
                                                .ld_w = to->k});
        for (size_t i = 0; i < m * m; i++) u[i] *= -to->rate;
        dense_jvp(y->set, y->threads,
                  &(struct dense_jvp){.dst = f,
                                      .dsrc = now,
                                      .w = to->w,
                                      .u = u,
                                      .v = b,
                                      .prev = to->over ? a->scratch + (l - to->over) % RING * m * n
                                                       : NULL,
                                      .m = m,
                                      .n = n,
                                      .k = to->k,
                                      .q = to->rate != 0.0f ? m : 0,
                                      .ld_dst = n,
                                      .ld_dsrc = to->k,
                                      .ld_u = m,
                                      .ld_v = n,
                                      .ld_prev = n,
                                      .skip = to->skip,
                                      .packed = true});
        q = a->acts + chain_offset(&y->chain, l);
        b += m * n;
        now = f;
        if (y->plan.linear || l == y->plan.depth) continue;
        relu_fwd(y->set, y->threads, q_new, f, m * n);
        now = q_new;
    }
}

/* One row of inputs after the other joins the weights: no gradient is formed. */
void network_step(struct network *y)
{
    const struct angle_sweep *a = &y->sweep;
    const size_t m = y->plan.batch;
    const float *b = a->back, *q = a->src;
    for (size_t l = 1; l <= y->plan.depth; l++) {
        const struct chain_layer *to = &y->layer[l - 1];
        float *w = plain_of(y, l);
        for (size_t i = 0; i < m && to->rate != 0.0f; i++)
            for (size_t r = 0; r < to->k; r++)
                y->set->axpy(w + r * to->n, -to->rate * q[i * to->k + r], b + i * to->n,
                             w + r * to->n, to->n);
        if (to->rate != 0.0f) pack(y, l);
        q = a->acts + chain_offset(&y->chain, l);
        b += m * to->n;
    }
}
