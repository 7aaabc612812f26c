#include "studies/trainer.h"

#include <stdio.h>
#include <string.h>

#include "base/index.h"
#include "base/rng.h"

static size_t batch_of(const struct trainer_plan *p)
{
    return p->batch && p->batch < p->rows ? p->batch : p->rows;
}

size_t trainer_steps_a_pass(const struct trainer_plan *p)
{
    const size_t batch = batch_of(p);
    return batch ? (p->rows + batch - 1) / batch : 1;
}

static size_t classes_of(const struct trainer_plan *p)
{
    return trainee_classes(&p->net, p->square);
}

/* Cut from the arena where it is open, added up where it is not. */
static void *cut(struct trainer *t, size_t *bytes, size_t count, size_t size)
{
    if (t->arena.base) return arena_take(&t->arena, count, size);
    *bytes += arena_bytes(count, size);
    return NULL;
}

static size_t take(struct trainer *t)
{
    const struct trainer_plan *p = &t->plan;
    const size_t batch = batch_of(p), count = trainee_parameters(&p->net);
    const size_t some = batch < p->rows ? batch : 0;
    size_t bytes = 0;
    t->a.param = cut(t, &bytes, count, sizeof(float));
    t->a.grad = cut(t, &bytes, count, sizeof(float));
    t->a.moment1 = cut(t, &bytes, p->rule.sgd ? 0 : count, sizeof(float));
    t->a.moment2 = cut(t, &bytes, p->rule.sgd ? 0 : count, sizeof(float));
    t->a.scratch = cut(t, &bytes, trainee_scratch(&p->net, batch), sizeof(float));
    t->a.loss = cut(t, &bytes, batch, sizeof(float));
    t->a.dloss = cut(t, &bytes, batch, sizeof(float));
    t->src = cut(t, &bytes, some * trainee_inputs(&p->net), sizeof(float));
    t->probs = cut(t, &bytes, p->probs ? some * classes_of(p) : 0, sizeof(float));
    t->target = cut(t, &bytes, p->probs ? 0 : some, sizeof(int32_t));
    t->order = cut(t, &bytes, some ? p->rows : 0, sizeof(uint32_t));
    return bytes;
}

static enum status check(const struct trainer_plan *p)
{
    if (p->rows > UINT32_MAX)
        return fail(STATUS_USAGE, "training: %zu rows; at most 4294967295", p->rows);
    const enum status status = trainee_check(&p->net, p->src, p->rows);
    if (status != STATUS_OK || p->probs) return status;
    const size_t wrong = index_outside(p->target, p->rows, classes_of(p));
    if (wrong == p->rows) return STATUS_OK;
    return fail(STATUS_DATA, "training: the target of row %zu is %d; there are %zu classes", wrong,
                (int)p->target[wrong], classes_of(p));
}

enum status trainer_open(struct trainer *t, const struct kernel_set *set, int threads,
                         const struct trainer_plan *plan)
{
    char what[96];
    *t = (struct trainer){.plan = *plan, .set = set, .threads = threads};
    enum status status = check(plan);
    if (status != STATUS_OK) return status;
    snprintf(what, sizeof what, "training of %zu parameters on %zu rows",
             trainee_parameters(&plan->net), plan->rows);
    status = arena_open(&t->arena, take(t), what);
    if (status != STATUS_OK) return status;
    take(t);
    t->a.net = plan->net.mlp;
    t->a.rule = plan->rule;
    t->a.tau = plan->tau == 0.0f ? 1.0f : plan->tau;
    t->a.square = plan->square;
    t->a.ld_src = trainee_inputs(&plan->net);
    return STATUS_OK;
}

void trainer_close(struct trainer *t)
{
    arena_close(&t->arena);
}

/* The words of one counter make two numbers below n, which differ in likelihood by n 2^-64. */
static size_t below(uint64_t n, uint64_t index, uint64_t stream, uint64_t seed)
{
    uint32_t out[4];
    philox_words(out, index, stream, seed);
    const uint64_t word = (uint64_t)out[1] << 32 | out[0];
    return (size_t)((unsigned __int128)word * n >> 64);
}

/* Fisher and Yates. */
static void draw_order(struct trainer *t, size_t pass)
{
    const struct trainer_plan *p = &t->plan;
    if (t->pass == pass + 1) return;
    for (size_t i = 0; i < p->rows; i++) t->order[i] = (uint32_t)i;
    for (size_t i = p->rows; i > 1; i--) {
        const size_t j = below(i, pass * p->rows + i - 1, p->stream, p->seed);
        const uint32_t other = t->order[j];
        t->order[j] = t->order[i - 1];
        t->order[i - 1] = other;
    }
    t->pass = pass + 1;
}

static void gather(struct trainer *t, const uint32_t *row, size_t count)
{
    const struct trainer_plan *p = &t->plan;
    const size_t k = trainee_inputs(&p->net), classes = classes_of(p);
    for (size_t i = 0; i < count; i++) {
        memcpy(t->src + i * k, p->src + row[i] * k, k * sizeof *t->src);
        if (p->probs)
            memcpy(t->probs + i * classes, p->probs + row[i] * classes, classes * sizeof *t->probs);
        else
            t->target[i] = p->target[row[i]];
    }
}

/* The rows of the next step. */
static void choose(struct trainer *t)
{
    const struct trainer_plan *p = &t->plan;
    const size_t batch = batch_of(p), was = t->a.m;
    t->a.m = batch;
    t->a.src = p->src;
    t->a.probs = p->probs;
    t->a.target = p->target;
    if (batch < p->rows) {
        const size_t steps = trainer_steps_a_pass(p), from = t->step % steps * batch;
        if (p->rows - from < batch) t->a.m = p->rows - from;
        draw_order(t, t->step / steps);
        gather(t, t->order + from, t->a.m);
        t->a.src = t->src;
        t->a.probs = p->probs ? t->probs : NULL;
        t->a.target = t->target;
    }
    float *dloss = (float *)t->a.dloss;
    for (size_t i = 0; i < t->a.m && t->a.m != was; i++) dloss[i] = 1.0f / (float)t->a.m;
}

static double mean(const float *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i];
    return n ? sum / (double)n : 0.0;
}

bool trainer_run(struct trainer *t, size_t until, const struct trainer_watch *watch)
{
    for (; t->step < until; t->step++) {
        const size_t step = t->step + 1, warmup = t->plan.warmup;
        choose(t);
        trainee_fwd(t->set, t->threads, &t->plan.net, &t->a);
        const enum status status = trainee_loss(t->set, t->threads, &t->plan.net, &t->a);
        if (status != STATUS_OK) return false; /* trainer_open() has seen these targets */
        trainee_bwd(t->set, t->threads, &t->plan.net, &t->a);
        t->loss = mean(t->a.loss, t->a.m);
        if (watch && !watch->step(t, watch->ctx)) return false;
        t->a.step = step;
        t->a.rule.lr = t->plan.rule.lr;
        if (step < warmup) t->a.rule.lr *= (double)step / (double)warmup;
        trainee_update(t->set, t->threads, &t->plan.net, &t->a);
    }
    return true;
}

enum status trainer_outputs(const struct kernel_set *set, int threads, const struct trainee *net,
                            const float *param, float *dst, const float *src, size_t rows)
{
    enum { SOME = 1024 }; /* rows at a time */
    const size_t n = trainee_outputs(net), k = trainee_inputs(net),
                 most = rows < SOME ? rows : SOME;
    struct arena arena;
    const enum status status = arena_open(
        &arena, arena_bytes(trainee_scratch(net, most), sizeof(float)), "a network's outputs");
    if (status != STATUS_OK) return status;
    struct train_step a = {.net = net->mlp,
                           .param = (float *)param, /* read alone */
                           .scratch = arena_take(&arena, trainee_scratch(net, most), sizeof(float)),
                           .ld_src = k};
    for (size_t i = 0; i < rows; i += a.m) {
        a.m = rows - i < most ? rows - i : most;
        a.src = src + i * k;
        trainee_fwd(set, threads, net, &a);
        memcpy(dst + i * n, trainee_acts(net, &a), a.m * n * sizeof *dst);
    }
    arena_close(&arena);
    return STATUS_OK;
}
