#include "studies/init_variance/course.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "studies/record.h"

/* ---- what is asked for */

uint64_t course_seed(const struct course *c, size_t draw)
{
    enum { DRAWS = 1 << 16 };
    return study_seed(c->run) * DRAWS + draw;
}

size_t course_draws(const struct course *c, size_t smoke, size_t standard, size_t paper)
{
    return c->repeats ? c->repeats : course_pick(c, smoke, standard, paper);
}

/* The one with its key, or itself, which is then kept. */
static const struct descent *keep(struct course *c, struct descent *d, enum status status)
{
    if (status != STATUS_OK) out_of_memory(); /* nothing else can fail: the plan is ours */
    for (size_t i = c->count; i-- > 0;)
        if (strcmp(c->descent[i]->key, d->key) == 0) {
            descent_close(d);
            free(d);
            return c->descent[i];
        }
    if (c->count == c->room) {
        c->room = c->room ? 2 * c->room : 256;
        c->descent = realloc(c->descent, c->room * sizeof(*c->descent));
        if (!c->descent) out_of_memory();
    }
    return c->descent[c->count++] = d;
}

static struct descent *fresh(void)
{
    struct descent *d = malloc(sizeof *d);
    if (!d) out_of_memory();
    return d;
}

const struct descent *course_mlp(struct course *c, const struct mlp_plan *plan, size_t draw)
{
    struct descent *d = fresh();
    struct mlp_plan one = *plan;
    one.seed = course_seed(c, draw);
    return keep(c, d, descent_of_mlp(d, &one));
}

const struct descent *course_gpt(struct course *c, const struct gpt_settings *settings, size_t draw)
{
    struct descent *d = fresh();
    struct gpt_settings one = *settings;
    one.fresh.seed = course_seed(c, draw);
    return keep(c, d, descent_of_gpt(d, &one));
}

bool course_has(const struct course *c, enum split_name name)
{
    return name != SPLIT_MNIST || (c->size != STUDY_SMOKE && !*c->lacking);
}

double course_chance(const struct course *c, enum split_name name)
{
    return c->has[name] ? split_chance(&c->split[name]) : NAN;
}

/* ---- what they need */

static enum status open_sets(struct course *c)
{
    enum status status = STATUS_OK;
    bool text = false;
    for (size_t i = 0; i < c->count && status == STATUS_OK; i++) {
        const struct descent *d = c->descent[i];
        text = text || d->is_gpt;
        if (d->is_gpt || c->has[d->mlp.set]) continue;
        status = split_open(&c->split[d->mlp.set], d->mlp.set, c->mnist);
        c->has[d->mlp.set] = status == STATUS_OK;
    }
    return text && status == STATUS_OK ? tokens_read_text(&c->tokens, NULL) : status;
}

/* Before trainings on it are planned. Files that are there and wrong are an error, as is a folder without them that was
 * asked for. */
static enum status look_for_mnist(struct course *c)
{
    if (c->size == STUDY_SMOKE) return STATUS_OK;
    const enum status status = split_open(&c->split[SPLIT_MNIST], SPLIT_MNIST, c->mnist);
    c->has[SPLIT_MNIST] = status == STATUS_OK;
    if (status != STATUS_NO_INPUT || c->mnist) return status;
    snprintf(c->lacking, sizeof c->lacking, "needs MNIST, which `./run data` brings: %.400s",
             status_text());
    return STATUS_OK;
}

/* ---- rows */

static void row_key(const struct descent *d, size_t record, size_t layer, char key[JOURNAL_KEY])
{
    const int used =
        snprintf(key, JOURNAL_KEY, "%.*s step %zu", DESCENT_KEY, d->key, d->step[record]);
    if (layer) snprintf(key + used, JOURNAL_KEY - (size_t)used, " layer %zu", layer);
}

/* Those that the file has; done where it has all. */
static void find_rows(const struct course *c, struct descent *d)
{
    char key[JOURNAL_KEY];
    d->done = true;
    for (size_t r = 0; r < d->records; r++)
        for (size_t l = 0; l <= d->layers; l++) {
            row_key(d, r, l, key);
            const double *row = ledger_find(&c->ledger, key);
            if (row)
                memcpy(descent_row(d, r, l), row, SEEN_FIELDS * sizeof *row);
            else
                d->done = false;
        }
}

/* Those of a record that the file does not have yet. */
static enum status append_record(struct descent *d, size_t record, void *ctx)
{
    struct course *c = ctx;
    enum status status = STATUS_OK;
    char key[JOURNAL_KEY];
    for (size_t l = 0; l <= d->layers && status == STATUS_OK; l++) {
        row_key(d, record, l, key);
        if (!ledger_find(&c->ledger, key))
            status = ledger_append(&c->ledger, key, descent_row(d, record, l));
    }
    return status;
}

static enum status open_rows(struct course *c, const char *asked)
{
    char build[256], text[1024];
    study_build(c->run, build, sizeof build);
    snprintf(text, sizeof text, "init-variance, %s%s%s, seed %llu, %s", study_size_name(c->size),
             *asked ? ", " : "", asked, (unsigned long long)study_seed(c->run), build);
    const enum status status =
        ledger_open(&c->ledger, &(struct ledger_plan){.path = study_rows(c->run),
                                                      .resume = study_resumes(c->run),
                                                      .run = text,
                                                      .share = study_share(c->run),
                                                      .columns = SEEN_COLUMNS,
                                                      .fields = SEEN_FIELDS});
    for (size_t i = 0; i < c->count && status == STATUS_OK; i++) find_rows(c, c->descent[i]);
    return status;
}

/* ---- the run */

/* A GPT is read back by the end of its name. */
#define STATE ".safetensors"

struct work {
    struct course *course;
    size_t *which; /* of the descents */
};

static enum status descend(const struct course *c, struct descent *d, struct sweep_worker *worker)
{
    char path[STATES_PATH];
    if (!d->is_gpt) return mlp_descend(d, &c->split[d->mlp.set], study_kernels(c->run), worker);
    return gpt_descend(d,
                       &(struct gpt_way){.tokens = &c->tokens,
                                         .state = states_path(&c->states, d->key, STATE, path),
                                         .resume = study_resumes(c->run),
                                         .record = append_record,
                                         .ctx = (void *)c},
                       worker);
}

static enum status carry_out(size_t i, struct sweep_worker *worker, void *ctx)
{
    const struct work *w = ctx;
    struct descent *d = w->course->descent[w->which[i]];
    enum status status = descend(w->course, d, worker);
    if (status != STATUS_OK || sweep_stopped(worker)) return status;
    for (size_t r = 0; r < d->records && !d->is_gpt && status == STATUS_OK; r++)
        status = append_record(d, r, w->course);
    d->done = status == STATUS_OK;
    if (d->done && d->is_gpt) states_remove(&w->course->states, d->key, STATE);
    return status;
}

/* Each training's share. */
static enum status deal(const struct course *c, size_t *owner)
{
    const struct cluster_share share = study_share(c->run);
    double *cost = calloc(c->count + 1, sizeof *cost);
    if (!cost) out_of_memory();
    for (size_t i = 0; i < c->count; i++) cost[i] = descent_seconds(c->descent[i]);
    const enum status status =
        share.count ? share_deal(cost, c->count, share.count, owner) : STATUS_OK;
    free(cost);
    return status;
}

static enum status work(struct course *c)
{
    struct sweep_job *job = calloc(c->count + 1, sizeof *job);
    size_t *owner = calloc(c->count + 1, sizeof *owner);
    struct work w = {c, calloc(c->count + 1, sizeof *w.which)};
    const size_t mine = study_share(c->run).index;
    size_t jobs = 0;
    if (!job || !w.which || !owner) out_of_memory();
    const enum status dealt = deal(c, owner);
    for (size_t i = 0; i < c->count; i++) {
        if (c->descent[i]->done || owner[i] != mine) continue;
        w.which[jobs] = i;
        job[jobs++] =
            (struct sweep_job){.seconds = descent_seconds(c->descent[i]), .needs = SWEEP_NONE};
    }
    const enum status status = dealt != STATUS_OK ? dealt
                                                  : sweep_run(&(struct sweep){.run = c->run,
                                                                              .what = "trainings",
                                                                              .job = job,
                                                                              .count = jobs,
                                                                              .work = carry_out,
                                                                              .ctx = &w});
    free(job);
    free(owner);
    free(w.which);
    if (status != STATUS_OK || study_interrupted(c->run)) return status;
    for (size_t i = 0; i < c->count; i++)
        if (c->descent[i]->is_gpt) states_remove(&c->states, c->descent[i]->key, STATE);
    states_close(&c->states);
    return ledger_complete(&c->ledger);
}

/* What a training that was not carried out to its end has seen is not shown. */
static void forget_halves(struct course *c)
{
    for (size_t i = 0; i < c->count; i++) {
        struct descent *d = c->descent[i];
        const size_t count = d->records * (d->layers + 1) * SEEN_FIELDS;
        for (size_t k = 0; k < count && !d->done; k++) d->seen[k] = NAN;
    }
}

/* The first failure is told. */
static enum status all(struct course *c, course_experiment *const *experiment, enum status status)
{
    for (size_t i = 0; experiment[i] && status == STATUS_OK; i++) status = experiment[i](c);
    return status;
}

enum status course_run(struct course *c, course_experiment *const *experiment, const char *asked)
{
    c->ledger.fd = -1;
    enum status status = look_for_mnist(c);
    status = all(c, experiment, status);
    if (status == STATUS_OK) status = open_sets(c);
    if (status == STATUS_OK) status = open_rows(c, asked);
    if (status == STATUS_OK) status = states_open(&c->states, study_rows(c->run));
    if (status != STATUS_OK) return status;
    status = work(c);
    if (study_share(c->run).count) return status;
    forget_halves(c);
    c->recording = true;
    const enum status recorded = all(c, experiment, STATUS_OK);
    return status == STATUS_OK ? recorded : status;
}

void course_close(struct course *c)
{
    for (size_t i = 0; i < c->count; i++) {
        descent_close(c->descent[i]);
        free(c->descent[i]);
    }
    free(c->descent);
    for (int i = 0; i < SPLITS; i++)
        if (c->has[i]) split_close(&c->split[i]);
    tokens_close(&c->tokens);
    ledger_close(&c->ledger);
}
