/* A GPT's training, watched: standard deviations of Q, K and V in each layer. */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "model/gpt2_parts.h"
#include "studies/init_variance/descent.h"
#include "train/gpt_state.h"
#include "train/gpt_trainer.h"

struct watched {
    struct descent *d;
    const struct gpt_way *way;
    struct gpt_trainer trainer;
    double (*parts)[MOMENTS_FIELDS];
    double sum;    /* of the losses since the last record */
    size_t record; /* the next */
};

static enum status put_record(struct watched *w, bool ended)
{
    static const enum gpt2_part part[] = {GPT2_PART_Q, GPT2_PART_K, GPT2_PART_V};
    struct descent *d = w->d;
    const struct gpt_trainer *t = &w->trainer;
    double *row = descent_row(d, w->record, 0);
    const size_t since = w->record ? d->step[w->record] - d->step[w->record - 1] : 0;
    /* Between steps the gradient is work space, which has room for Q, K and V. */
    gpt2_parts_measure(&(struct gpt2_parts){&t->model, t->set, t->threads, t->step.grad}, w->parts);
    row[SEEN_NONFINITE] = ended;
    row[SEEN_LOSS] = ended ? INFINITY : since ? w->sum / (double)since : NAN;
    for (size_t l = 0; l < d->layers; l++)
        for (int i = 0; i < 3; i++)
            descent_row(d, w->record, l + 1)[SEEN_Q + i] =
                sqrt(w->parts[gpt2_part_index(&d->gpt.config, part[i], l)][MOMENTS_VARIANCE]);
    w->sum = 0.0;
    return w->way->record(d, w->record++, w->way->ctx);
}

static enum status keep(struct watched *w)
{
    return w->way->state ? gpt_state_write(&w->trainer, w->way->state) : STATUS_OK;
}

/* Are the records up to that step there? The state of a step is written behind its rows, but a loss of power may take
 * those. */
static bool has_rows(struct watched *w, size_t step)
{
    const struct descent *d = w->d;
    size_t r = 0;
    for (; r < d->records && d->step[r] <= step; r++)
        for (size_t l = 1; l <= d->layers; l++)
            if (isnan(descent_row(d, r, l)[SEEN_Q])) return false;
    w->record = r;
    return r > 0 && d->step[r - 1] == step;
}

static enum status go_on(struct watched *w, bool *gone)
{
    struct gpt_state state;
    enum status status = gpt_state_open(&state, w->way->state);
    if (status == STATUS_OK) status = gpt_state_same_text(&state, w->way->tokens, "the text");
    if (status == STATUS_OK && has_rows(w, state.step)) {
        status = gpt_state_load(&state, &w->trainer);
        *gone = status == STATUS_OK;
    }
    gpt_state_close(&state);
    return status;
}

static enum status begin(struct watched *w)
{
    bool gone = false;
    const bool there = w->way->state && w->way->resume && access(w->way->state, F_OK) == 0;
    const enum status status = there ? go_on(w, &gone) : STATUS_OK;
    if (status != STATUS_OK || gone) return status;
    w->record = 0;
    gpt_trainer_fresh(&w->trainer);
    return put_record(w, false);
}

/* The loss is not finite: all records that were still to come are those of here. */
static enum status give_up(struct watched *w)
{
    enum status status = STATUS_OK;
    while (w->record < w->d->records && status == STATUS_OK) status = put_record(w, true);
    return status;
}

static enum status all_steps(struct watched *w, struct sweep_worker *worker)
{
    struct descent *d = w->d;
    const double step_seconds = descent_seconds(d) / (double)d->steps;
    struct gpt_outcome outcome;
    enum status status = STATUS_OK;
    sweep_at(worker, (double)w->trainer.done * step_seconds);
    while (w->trainer.done < d->steps && status == STATUS_OK) {
        status = gpt_trainer_step(&w->trainer, &outcome);
        if (status == STATUS_WRONG) return give_up(w);
        if (status != STATUS_OK) return status;
        w->sum += outcome.loss;
        if (w->trainer.done == d->step[w->record]) {
            status = put_record(w, false);
            if (status == STATUS_OK) status = keep(w);
        }
        if (sweep_at(worker, step_seconds)) break;
    }
    return status;
}

enum status gpt_descend(struct descent *d, const struct gpt_way *way, struct sweep_worker *worker)
{
    struct watched w = {.d = d, .way = way};
    w.parts = malloc(gpt2_part_total(&d->gpt.config) * sizeof *w.parts);
    enum status status = w.parts ? gpt_trainer_open(&w.trainer, &d->gpt, way->tokens, "the text")
                                 : fail(STATUS_OS, "no memory for %s", d->key);
    if (status == STATUS_OK) {
        w.trainer.threads = sweep_threads(worker);
        status = begin(&w);
        if (status == STATUS_OK) status = all_steps(&w, worker);
    }
    gpt_trainer_close(&w.trainer);
    free(w.parts);
    return status;
}
