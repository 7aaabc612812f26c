#include "studies/distillation/training.h"

#include <unistd.h>

#include "base/clock.h"
#include "studies/distillation/task.h"

struct run {
    const struct session *s;
    double step_seconds, pending, saved; /* saved: when, on the monotonic clock */
    enum status status;
};

double training_step_seconds(const struct trainee *net, size_t rows)
{
    const double flops_a_second = 8e10, element = 2.5e-9, call = 4e-6, head = 8e-7;
    const struct mlp_layout *y = &net->mlp;
    double seconds = call, m = (double)rows;
    if (y->depth == 0)
        seconds +=
            pair_net_flops(&net->pair, rows) / flops_a_second + head * m * (double)net->pair.heads;
    for (size_t l = 1; l <= y->depth; l++) {
        const size_t n = y->width[l], vectors = n == 1 ? n : (n + 15) / 16 * 16;
        seconds += 6.0 * m * (double)y->width[l - 1] * (double)vectors / flops_a_second;
    }
    return seconds + element * m * (double)(trainee_classes(net, false) + 4);
}

static bool at_step(const struct trainer *t, void *ctx)
{
    const double often = 2e-3;
    struct run *r = ctx;
    r->pending += r->step_seconds;
    if (r->pending < often) return true;
    const bool stop = sweep_at(r->s->worker, r->pending);
    const double now = r->s->state ? clock_seconds() : 0.0;
    r->pending = 0.0;
    if (r->s->state && (stop || now - r->saved >= r->s->save_every)) {
        r->status = trainer_save(t, r->s->state);
        r->saved = now;
    }
    return !stop && r->status == STATUS_OK;
}

enum status training_run(const struct session *s, struct trainer *t, size_t epochs)
{
    struct run r = {.s = s,
                    .step_seconds = training_step_seconds(
                        &t->plan.net, t->plan.batch && t->plan.batch < t->plan.rows
                                          ? t->plan.batch
                                          : t->plan.rows)};
    const size_t steps = epochs * trainer_steps_a_pass(&t->plan);
    if (s->state) r.saved = clock_seconds();
    if (s->state && s->resume) {
        const enum status status = trainer_load(t, s->state);
        if (status != STATUS_OK && status != STATUS_NO_INPUT) return status;
        sweep_at(s->worker, (double)t->step * r.step_seconds);
    }
    const bool whole = trainer_run(t, steps, &(struct trainer_watch){at_step, &r});
    /* What took long enough to be saved on its way is saved at its end. */
    if (whole && s->state && access(s->state, F_OK) == 0) r.status = trainer_save(t, s->state);
    return r.status;
}

struct trainer_plan training_plan(const struct trainee *net, const struct training *how,
                                  uint64_t seed)
{
    return (struct trainer_plan){.net = *net,
                                 .batch = how->batch,
                                 .rule = {.lr = how->lr,
                                          .beta1 = 0.9,
                                          .beta2 = how->beta2,
                                          .eps = 1e-8,
                                          .decay = how->decay},
                                 .warmup = how->warmup,
                                 .seed = seed,
                                 .stream = STREAM_ORDER};
}
