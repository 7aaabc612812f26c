#include "studies/init_variance/descent.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- which one it is */

static const char *init_text(const struct init *init)
{
    static const char *const name[INIT_KINDS][2] = {
        [INIT_LINEAR] = {"linear", "linear"},
        [INIT_HE] = {"he", "he-uniform"},
        [INIT_XAVIER] = {"xavier", "xavier-uniform"},
        [INIT_LECUN] = {"lecun", "lecun-uniform"},
        [INIT_FIXED] = {"fixed", "fixed-uniform"},
        [INIT_ORTHOGONAL] = {"orthogonal", "orthogonal"}};
    return name[init->kind][init->uniform];
}

/* "256-128", or "8x128" where many are the same. */
static int hidden_text(char *text, size_t size, const struct mlp_plan *p)
{
    bool same = p->layers > 2;
    for (size_t i = 1; i < p->layers; i++) same = same && p->hidden[i] == p->hidden[0];
    if (same) return snprintf(text, size, " %zux%zu", p->layers, p->hidden[0]);
    int used = 0;
    for (size_t i = 0; i < p->layers; i++)
        used += snprintf(text + used, size - (size_t)used, "%c%zu", i ? '-' : ' ', p->hidden[i]);
    return used;
}

static void describe_mlp(struct descent *d)
{
    static const char *const records[] = {"", " curve", " layers"};
    const struct mlp_plan *p = &d->mlp;
    char *at = d->key, *const end = d->key + DESCENT_KEY;
    at += snprintf(at, DESCENT_KEY, "%s", split_text(p->set));
    if (p->rows) at += snprintf(at, (size_t)(end - at), "/%zu", p->rows);
    at += hidden_text(at, (size_t)(end - at), p);
    at += snprintf(at, (size_t)(end - at), " %s", init_text(&p->init));
    if (p->init.gain != 0.0) at += snprintf(at, (size_t)(end - at), " %.9g", p->init.gain);
    if (p->readout != 0.0) at += snprintf(at, (size_t)(end - at), " readout %.9g", p->readout);
    snprintf(at, (size_t)(end - at), " %s%s %g batch %zu passes %zu reach %g seed %llu%s",
             p->adam ? "adam" : "sgd", p->equal ? "-equal" : "", p->lr, p->batch, p->passes,
             p->reach, (unsigned long long)p->seed, records[p->records]);
}

static void describe_gpt(struct descent *d)
{
    const struct gpt_settings *s = &d->gpt;
    snprintf(d->key, DESCENT_KEY,
             "gpt %zux%zu heads %zu context %zu %s %g lr %g decay %g batch %zu steps %zu warmup "
             "%zu every %zu seed %llu",
             s->config.layers, s->config.channels, s->config.heads, s->config.context,
             gpt2_rule_name(s->fresh.rule), s->fresh.std, s->lr, s->decay, s->batch, s->steps,
             s->warmup, s->record_every, (unsigned long long)s->fresh.seed);
}

/* ---- when it is looked at */

static void add_record(struct descent *d, size_t step)
{
    if (step > d->steps || d->records == RECORDS_MOST) return;
    if (d->records && d->step[d->records - 1] >= step) return;
    d->step[d->records++] = step;
}

static void plan_records(struct descent *d, size_t a_pass)
{
    static const double share[] = {0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8};
    if (d->mlp.records == RECORDS_FEW) add_record(d, a_pass);
    for (size_t i = 0; i < sizeof share / sizeof *share && d->mlp.records == RECORDS_CURVE; i++)
        add_record(d, (size_t)(share[i] * (double)d->steps + 0.5));
    for (size_t at = 1; at <= 1000 && d->mlp.records == RECORDS_LAYERS; at *= 10)
        add_record(d, at == 1 ? 0 : at);
    add_record(d, d->steps);
}

static enum status reserve(struct descent *d)
{
    const size_t count = d->records * (d->layers + 1) * SEEN_FIELDS;
    d->seen = malloc((count + 1) * sizeof *d->seen);
    if (!d->seen) return fail(STATUS_OS, "no memory for the records of %s", d->key);
    for (size_t i = 0; i < count; i++) d->seen[i] = NAN;
    return STATUS_OK;
}

enum status descent_of_mlp(struct descent *d, const struct mlp_plan *plan)
{
    *d = (struct descent){.mlp = *plan};
    const size_t count = plan->rows ? plan->rows : split_rows(plan->set);
    const size_t a_pass = (count + plan->batch - 1) / plan->batch;
    d->steps = a_pass * plan->passes;
    if (plan->records == RECORDS_LAYERS) d->layers = plan->layers + 1;
    describe_mlp(d);
    plan_records(d, a_pass);
    return reserve(d);
}

enum status descent_of_gpt(struct descent *d, const struct gpt_settings *settings)
{
    *d = (struct descent){.is_gpt = true,
                          .gpt = *settings,
                          .steps = settings->steps,
                          .layers = settings->config.layers};
    describe_gpt(d);
    for (size_t at = 0; at < d->steps; at += settings->record_every) add_record(d, at);
    add_record(d, d->steps);
    return reserve(d);
}

void descent_close(struct descent *d)
{
    free(d->seen);
    d->seen = NULL;
}

/* ---- what was seen */

double descent_at(const struct descent *d, size_t step, size_t layer, enum seen field)
{
    for (size_t r = 0; r < d->records; r++)
        if (d->step[r] == step) return descent_row(d, r, layer)[field];
    return NAN;
}

double descent_end(const struct descent *d, size_t layer, enum seen field)
{
    return descent_row(d, d->records - 1, layer)[field];
}

struct mlp_layout descent_net(const struct descent *d, size_t width[HIDDEN_MOST + 2])
{
    const struct mlp_plan *p = &d->mlp;
    width[0] = split_inputs(p->set);
    memcpy(width + 1, p->hidden, p->layers * sizeof *width);
    width[p->layers + 1] = split_classes(p->set);
    return (struct mlp_layout){width, p->layers + 1, true};
}

double descent_seconds(const struct descent *d)
{
    const double flops_a_second = 8e10, call = 1e-5;
    if (d->is_gpt) {
        const double tokens = (double)d->gpt.batch * (double)d->gpt.config.context;
        const double parameters = (double)gpt2_parameters(&d->gpt.config);
        return (double)d->steps * 6.0 * parameters * tokens / flops_a_second;
    }
    size_t width[HIDDEN_MOST + 2];
    const struct mlp_layout net = descent_net(d, width);
    return (double)(d->steps + 1) *
           (mlp_flops_step(&net, d->mlp.batch) / flops_a_second + call * (double)net.depth);
}
