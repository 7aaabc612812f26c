/* An MLP's training, watched. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "studies/init_variance/descent.h"
#include "studies/trainer.h"

/* The streams of a seed's random numbers: the weights' and those behind it; the order of rows. */
enum { STREAM_WEIGHTS = 16, STREAM_ROWS = 1 };

struct watched {
    struct descent *d;
    const struct split *split;
    struct sweep_worker *worker;
    double *loss; /* of each step */
    double running, reached, step_seconds, pending;
    double factor[HIDDEN_MOST + 1]; /* of each layer's gradient, with mlp_plan.equal */
    size_t record;                  /* the next */
    float *out;                     /* of the tests */
    int32_t *told;
    enum status status;
};

/* ---- a record */

static size_t a_pass(const struct descent *d)
{
    return d->mlp.passes ? d->steps / d->mlp.passes : 0;
}

static double mean_loss(const struct watched *w, size_t step)
{
    const size_t from = step > a_pass(w->d) ? step - a_pass(w->d) : 0;
    double sum = 0.0;
    if (step == 0) return w->loss[0];
    for (size_t i = from; i < step; i++) sum += w->loss[i];
    return sum / (double)(step - from);
}

static double accuracy(struct watched *w, const struct trainer *t)
{
    const struct split *s = w->split;
    const float *x = s->x + s->rows * s->inputs;
    size_t right = 0;
    w->status = trainer_outputs(t->set, t->threads, &t->plan.net, t->a.param, w->out, x, s->tests);
    if (w->status != STATUS_OK) return NAN;
    argmax(t->set, t->threads, &(struct argmax){w->told, w->out, s->tests, s->classes, s->classes});
    for (size_t i = 0; i < s->tests; i++) right += w->told[i] == s->label[s->rows + i];
    return (double)right / (double)s->tests;
}

static double dead_share(const float *acts, size_t m, size_t n)
{
    size_t dead = 0;
    for (size_t j = 0; j < n; j++) {
        size_t i = 0;
        while (i < m && acts[i * n + j] == 0.0f) i++;
        dead += i == m;
    }
    return (double)dead / (double)n;
}

/* Of so many elements of each. */
static double share_of(const double (*m)[MOMENTS_FIELDS], size_t count, int field)
{
    double some = 0.0, all = 0.0;
    for (size_t i = 0; i < count; i++) {
        some += m[i][field] * m[i][MOMENTS_N];
        all += m[i][MOMENTS_N];
    }
    return all > 0.0 ? some / all : 0.0;
}

static void record_layer(const struct trainer *t, size_t l, double *row)
{
    enum { ACT, DELTA, GRAD, WEIGHT, VECTORS };
    const size_t units = t->plan.net.mlp.width[l], weights = mlp_weights(&t->plan.net.mlp, l);
    const size_t at = mlp_offset(&t->plan.net.mlp, l);
    const float *act = train_step_acts(&t->a, l);
    double m[VECTORS][MOMENTS_FIELDS];
    moments(t->set, t->threads, act, t->a.m * units, m[ACT]);
    moments(t->set, t->threads, train_step_back(&t->a, l), t->a.m * units, m[DELTA]);
    moments(t->set, t->threads, t->a.grad + at, weights, m[GRAD]);
    moments(t->set, t->threads, t->a.param + at, weights, m[WEIGHT]);
    const double *grad = m[GRAD];
    row[SEEN_ACT] = m[ACT][MOMENTS_VARIANCE];
    row[SEEN_DELTA] = m[DELTA][MOMENTS_VARIANCE];
    row[SEEN_GRAD] = sqrt(grad[MOMENTS_VARIANCE] + grad[MOMENTS_MEAN] * grad[MOMENTS_MEAN]);
    row[SEEN_WEIGHT] = sqrt(m[WEIGHT][MOMENTS_VARIANCE]);
    if (l < t->plan.net.mlp.depth) row[SEEN_DEAD] = dead_share(act, t->a.m, units);
    row[SEEN_SUBNORMAL] = share_of(m, WEIGHT, MOMENTS_SUBNORMAL);
    row[SEEN_NONFINITE] = share_of(m, WEIGHT, MOMENTS_NONFINITE);
}

static void record(struct watched *w, const struct trainer *t, bool ended)
{
    struct descent *d = w->d;
    double *row = descent_row(d, w->record, 0);
    row[SEEN_LOSS] = ended ? INFINITY : mean_loss(w, t->step);
    if (t->step >= a_pass(d) || ended) row[SEEN_ACCURACY] = accuracy(w, t);
    row[SEEN_REACHED] = w->reached;
    row[SEEN_NONFINITE] = ended;
    for (size_t l = 1; l <= d->layers; l++) record_layer(t, l, descent_row(d, w->record, l));
    w->record++;
}

/* ---- a step */

static void note_loss(struct watched *w, const struct trainer *t)
{
    const double slow = 0.9;
    w->loss[t->step] = t->loss;
    w->running = t->step == 0 ? t->loss : slow * w->running + (1.0 - slow) * t->loss;
    if (isnan(w->reached) && w->running < w->d->mlp.reach) w->reached = (double)t->step;
}

/* rate_l = rate (sum of |grad|^2) / (depth |grad_l|^2), of the first batch: the speed formula's rule. */
static void scale_gradients(struct watched *w, const struct trainer *t)
{
    const struct mlp_layout *net = &t->plan.net.mlp;
    double square[HIDDEN_MOST + 1], sum = 0.0;
    for (size_t l = 1; l <= net->depth && t->step == 0; l++) {
        double norms[DOT_NORMS_FIELDS];
        const float *grad = t->a.grad + mlp_offset(net, l);
        dot_norms(t->set, t->threads, norms, grad, grad,
                  mlp_offset(net, l + 1) - mlp_offset(net, l));
        square[l - 1] = norms[DOT_NORMS_XX];
        sum += square[l - 1];
    }
    for (size_t l = 1; l <= net->depth; l++) {
        if (t->step == 0)
            w->factor[l - 1] =
                square[l - 1] > 0.0 ? sum / ((double)net->depth * square[l - 1]) : 0.0;
        for (size_t i = mlp_offset(net, l); i < mlp_offset(net, l + 1); i++)
            t->a.grad[i] *= (float)w->factor[l - 1];
    }
}

static bool at_step(const struct trainer *t, void *ctx)
{
    const double often = 2e-3;
    struct watched *w = ctx;
    struct descent *d = w->d;
    const bool ended = !isfinite(t->loss);
    note_loss(w, t);
    while (w->record < d->records && (ended || d->step[w->record] == t->step) &&
           w->status == STATUS_OK)
        record(w, t, ended);
    if (ended || t->step == d->steps || w->status != STATUS_OK) return false;
    if (d->mlp.equal) scale_gradients(w, t);
    w->pending += w->step_seconds;
    if (w->pending < often) return true;
    const bool stop = sweep_at(w->worker, w->pending);
    w->pending = 0.0;
    return !stop;
}

/* ---- the training */

static void fresh_weights(const struct mlp_plan *p, const struct trainer *t)
{
    const struct mlp_layout *net = &t->plan.net.mlp;
    init_mlp(t->set, t->threads, &p->init, t->a.param, net,
             (struct init_source){p->seed, STREAM_WEIGHTS});
    if (p->readout == 0.0) return;
    float *last = t->a.param + mlp_offset(net, net->depth);
    for (size_t i = 0; i < mlp_weights(net, net->depth); i++) last[i] *= (float)p->readout;
}

static struct trainer_plan plan_of(const struct descent *d, const struct split *split,
                                   const struct mlp_layout *net)
{
    const struct mlp_plan *p = &d->mlp;
    return (struct trainer_plan){
        .net = {.mlp = *net},
        .rows = p->rows ? p->rows : split->rows,
        .batch = p->batch,
        .src = split->x,
        .target = split->label,
        .rule = {.sgd = !p->adam, .lr = p->lr, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8},
        .seed = p->seed,
        .stream = STREAM_ROWS};
}

enum status mlp_descend(struct descent *d, const struct split *split, const struct kernel_set *set,
                        struct sweep_worker *worker)
{
    size_t width[HIDDEN_MOST + 2];
    const struct mlp_layout net = descent_net(d, width);
    const struct trainer_plan plan = plan_of(d, split, &net);
    struct trainer t;
    struct watched w = {.d = d, .split = split, .worker = worker, .reached = NAN};
    enum status status = trainer_open(&t, set, sweep_threads(worker), &plan);
    if (status != STATUS_OK) return status;
    w.step_seconds = descent_seconds(d) / (double)(d->steps + 1);
    w.loss = malloc((d->steps + 1) * sizeof *w.loss);
    w.out = malloc((split->tests * split->classes + 1) * sizeof *w.out);
    w.told = malloc((split->tests + 1) * sizeof *w.told);
    if (w.loss && w.out && w.told) {
        fresh_weights(&d->mlp, &t);
        trainer_run(&t, d->steps + 1, &(struct trainer_watch){at_step, &w});
        status = w.status;
    } else {
        status = fail(STATUS_OS, "no memory for %s", d->key);
    }
    free(w.loss);
    free(w.out);
    free(w.told);
    trainer_close(&t);
    return status;
}
