#include "train/gpt_trainer.h"

#include <math.h>

#include "base/par.h"
#include "train/gpt_schedule.h"

enum { HELD_OUT_WINDOWS = 64 };

/* ---- memory */

/* In the order in which take() takes them. */
enum { PARTS = 8 };
struct part {
    size_t count, size;
};

static void parts_of(const struct gpt_settings *s, struct part part[PARTS])
{
    const size_t rows = s->batch * s->config.context, param = gpt2_layout(&s->config).count;
    const size_t scratch = gpt2_step_scratch(&s->config, s->batch, s->config.context);
    const struct part all[PARTS] = {
        {param, sizeof(float)},                            /* gradient */
        {param, sizeof(float)},                            /* m */
        {param, sizeof(float)},                            /* v */
        {rows, sizeof(float)},                             /* loss */
        {rows, sizeof(float)},                             /* share */
        {scratch, sizeof(float)}, {rows, sizeof(int32_t)}, /* token */
        {rows, sizeof(int32_t)}                            /* target */
    };
    for (int i = 0; i < PARTS; i++) part[i] = all[i];
}

static size_t arena_of(const struct gpt_settings *s)
{
    struct part part[PARTS];
    size_t sum = 0;
    parts_of(s, part);
    for (int i = 0; i < PARTS; i++) sum += arena_bytes(part[i].count, part[i].size);
    return sum;
}

double gpt_trainer_bytes(const struct gpt_settings *s)
{
    return (double)arena_of(s) + (double)gpt2_layout(&s->config).count * sizeof(float);
}

static void take(struct gpt_trainer *t)
{
    struct part part[PARTS];
    void *at[PARTS];
    parts_of(&t->settings, part);
    for (int i = 0; i < PARTS; i++) at[i] = arena_take(&t->arena, part[i].count, part[i].size);
    t->share = at[4];
    t->token = at[6];
    t->target = at[7];
    t->step = (struct gpt2_step){.config = t->settings.config,
                                 .batch = t->settings.batch,
                                 .t = t->settings.config.context,
                                 .param = t->model.param,
                                 .grad = at[0],
                                 .m = at[1],
                                 .v = at[2],
                                 .loss = at[3],
                                 .dloss = t->share,
                                 .scratch = at[5],
                                 .token = t->token,
                                 .target = t->target,
                                 .beta1 = t->settings.beta1,
                                 .beta2 = t->settings.beta2,
                                 .eps = t->settings.eps,
                                 .decay = t->settings.decay,
                                 .clip = t->settings.clip};
    for (size_t i = 0; i < part[4].count; i++) t->share[i] = 1.0f / (float)part[4].count;
}

/* ---- the text */

static enum status cut(struct gpt_trainer *t, const struct tokens *tokens, const char *what)
{
    const size_t context = t->settings.config.context;
    const size_t held = (size_t)(t->settings.held_out * (double)tokens->count);
    t->train = (struct windows){tokens, 0, tokens->count - held, t->settings.batch, context};
    t->held_out = (struct windows){tokens, tokens->count - held, held, t->settings.batch, context};
    if (t->train.count <= context || (t->settings.held_out > 0.0 && held <= context))
        return fail(STATUS_DATA,
                    "%s: %zu tokens, of which %zu are held out; a context of %zu takes at least "
                    "%zu on either side",
                    what, tokens->count, held, context, context + 1);
    return STATUS_OK;
}

enum status gpt_trainer_open(struct gpt_trainer *t, const struct gpt_settings *settings,
                             const struct tokens *tokens, const char *what)
{
    *t = (struct gpt_trainer){
        .settings = *settings, .set = kernel_set_best(), .threads = par_max_threads()};
    enum status status = cut(t, tokens, what);
    if (status == STATUS_OK) status = arena_fits(gpt_trainer_bytes(settings), 0, "the training");
    if (status == STATUS_OK) status = gpt2_open(&t->model, &settings->config, "the model");
    if (status == STATUS_OK) status = arena_open(&t->arena, arena_of(settings), "the training");
    if (status == STATUS_OK) take(t);
    return status;
}

void gpt_trainer_close(struct gpt_trainer *t)
{
    arena_close(&t->arena);
    gpt2_close(&t->model);
}

void gpt_trainer_fresh(struct gpt_trainer *t)
{
    gpt2_init(&t->model, t->set, t->threads, &t->settings.fresh);
}

/* ---- where a number stopped being finite */

static bool all_finite(const struct gpt_trainer *t, const float *x, size_t n)
{
    double m[MOMENTS_FIELDS];
    moments(t->set, t->threads, x, n, m);
    return m[MOMENTS_NONFINITE] == 0.0;
}

/* Forward: what enters each block tells, and where all does, the last layernorm or the logits. */
static enum status fail_loss(const struct gpt_trainer *t, double loss)
{
    const size_t layers = t->settings.config.layers;
    const size_t count = t->step.batch * t->step.t * t->settings.config.channels;
    size_t l = 0;
    while (l <= layers && all_finite(t, gpt2_step_stream(&t->step, l), count)) l++;
    if (l == 0)
        return fail(STATUS_WRONG, "step %zu: the loss is %g; it began in the embeddings",
                    t->done + 1, loss);
    if (l > layers)
        return fail(STATUS_WRONG, "step %zu: the loss is %g; it began behind the last layer",
                    t->done + 1, loss);
    return fail(STATUS_WRONG, "step %zu: the loss is %g; it began in layer %zu of 0 to %zu",
                t->done + 1, loss, l - 1, layers - 1);
}

/* Backward: the last tensor that has it was the first. */
static enum status fail_gradient(const struct gpt_trainer *t)
{
    size_t i = gpt2_tensor_count(&t->settings.config);
    while (i-- > 1) {
        const struct gpt2_place place = gpt2_place(&t->settings.config, i);
        if (!all_finite(t, t->step.grad + place.from, place.count)) break;
    }
    return fail(STATUS_WRONG, "step %zu: the gradient is not finite; it began at %s", t->done + 1,
                gpt2_view_at(&t->model, i).name);
}

/* ---- a step */

static double mean_loss(const struct gpt_trainer *t)
{
    const size_t rows = t->step.batch * t->step.t;
    double sum = 0.0;
    for (size_t i = 0; i < rows; i++) sum += (double)t->step.loss[i];
    return sum / (double)rows;
}

enum status gpt_trainer_step(struct gpt_trainer *t, struct gpt_outcome *to)
{
    const struct gpt_settings *s = &t->settings;
    const size_t step = t->done + 1;
    windows_draw(&t->train, s->fresh.seed, step, t->token, t->target);
    t->step.step = step;
    t->step.lr = gpt_schedule_rate(
        &(struct gpt_schedule){s->lr, s->lr * s->lr_end, s->warmup, s->steps}, step);
    enum status status = gpt2_step_fwd(t->set, t->threads, &t->step);
    if (status != STATUS_OK) return status;
    *to = (struct gpt_outcome){.loss = mean_loss(t), .rate = t->step.lr};
    if (!isfinite(to->loss)) return fail_loss(t, to->loss);
    gpt2_step_bwd(t->set, t->threads, &t->step);
    to->norm = gpt2_step_norm(t->set, t->threads, &t->step);
    if (!isfinite(to->norm)) return fail_gradient(t);
    gpt2_step_update(t->set, t->threads, &t->step, to->norm);
    t->done = step;
    return STATUS_OK;
}

double gpt_trainer_held_out(struct gpt_trainer *t)
{
    const size_t batch = t->settings.batch, calls = (HELD_OUT_WINDOWS + batch - 1) / batch;
    double sum = 0.0;
    if (t->held_out.count == 0) return NAN;
    for (size_t i = 0; i < calls; i++) {
        windows_spread(&t->held_out, i * batch, calls * batch, t->token, t->target);
        /* The tokens have been checked when they were read. */
        if (gpt2_step_fwd(t->set, t->threads, &t->step) != STATUS_OK) return NAN;
        sum += mean_loss(t);
    }
    return sum / (double)calls;
}
