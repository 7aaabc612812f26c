#include "row.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/par.h"
#include "call.h"
#include "plugin/lane.h"
#include "row_check.h"

struct traffic row_traffic(const struct row *row)
{
    struct traffic t = traffic_of(row->work.spec, &row->work.shape);
    t.held *= (double)row->work.copies;
    return t;
}

double row_tokens(const struct row *row)
{
    const struct workload *w = &row->work;
    return w->spec->tokens ? (double)w->spec->tokens(&w->shape) : 0.0;
}

/* ---- variants */

static struct variant *add(struct row *row, const char *name, enum isa isa)
{
    struct variant *v = &row->variant[row->variants++];
    *v = (struct variant){.isa = isa, .peer = PEER_COUNT, .row = row, .state = STATE_TIMED};
    snprintf(v->name, sizeof v->name, "%s", name);
    snprintf(v->impl, sizeof v->impl, "%s", name);
    if (isa == ISA_PLUGIN && *plugin_loaded()->release)
        snprintf(v->impl, sizeof v->impl, "%s %s", name, plugin_loaded()->release);
    return v;
}

static void add_lanes(struct row *row, const struct row_plan *plan)
{
    enum isa widest = ISA_COUNT;
    for (int i = 0; i < ISA_COUNT; i++) {
        if (!(row->isas >> i & 1u) || !kernel_set((enum isa)i)) continue;
        if (kernel_set_emulated((enum isa)i)) continue;
        if (row_wanted(plan, isa_name((enum isa)i))) add(row, isa_name((enum isa)i), (enum isa)i);
        if (i != ISA_PLUGIN) widest = (enum isa)i;
    }
    if (!plan->ftz || widest == ISA_COUNT) return;
    char name[24];
    snprintf(name, sizeof name, "%s+ftz", isa_name(widest));
    if (row_wanted(plan, name)) add(row, name, widest)->ftz = true;
}

/* False, and the variant taken back, where there is no such form or library. */
static bool is_open(struct variant *v, enum status *status)
{
    const enum status opened = call_open(v);
    if (opened == STATUS_OK) return true;
    if (opened == STATUS_OS) *status = opened;
    call_close(v);
    v->row->variants--;
    return false;
}

/* Not STATUS_OK where memory was short. */
static enum status add_twins(struct row *row, const struct row_plan *plan)
{
    enum status status = STATUS_OK;
    unsigned forms = twin_forms(row->work.spec->name, &row->work.shape);
    if (plan->forms) forms &= plan->forms;
    for (int f = 0; f < FORM_COUNT; f++) {
        char name[24];
        snprintf(name, sizeof name, "dnnl-%s", form_name((enum form)f));
        if (!(forms >> f & 1u) || !row_wanted(plan, name)) continue;
        struct variant *v = add(row, name, ISA_COUNT);
        v->form = (enum form)f;
        if (!is_open(v, &status)) continue;
        snprintf(v->impl, sizeof v->impl, "%s", twin_impl(v->run));
        if (twin_is_ref(v->run)) v->state = STATE_REF;
    }
    return status;
}

static enum status add_peers(struct row *row, const struct row_plan *plan)
{
    enum status status = STATUS_OK;
    for (int p = 0; p < PEER_COUNT; p++) {
        const enum peer peer = (enum peer)p;
        if (!peer_here(peer) || !row_wanted(plan, peer_name(peer))) continue;
        struct variant *v = add(row, peer_name(peer), ISA_COUNT);
        v->peer = peer;
        if (is_open(v, &status)) snprintf(v->impl, sizeof v->impl, "%s", peer_version(peer));
    }
    return status;
}

/* In the note: what may overflow has no bound, and is held to the other lanes' words alone. */
static void count_checked(struct row *row, const struct problem *p)
{
    double elements = 0.0;
    row->checked = judge_held(p, &elements);
    if (row->checked < elements)
        snprintf(row->note, sizeof row->note, "overflow: %.3g %% of the outputs have no bound",
                 100.0 * (1.0 - row->checked / elements));
}

static enum status add_variants(struct row *row, const struct row_plan *plan)
{
    enum status status = STATUS_OK;
    add_lanes(row, plan);
    if (plan->twins) status = add_twins(row, plan);
    if (status == STATUS_OK && plan->peers) status = add_peers(row, plan);
    return status;
}

static struct task task_of(struct variant *v)
{
    return (struct task){.name = v->name,
                         .body = call_next,
                         .ctx = v,
                         .threads = v->row->threads,
                         .rival = variant_is_twin(v),
                         .enter = call_enter,
                         .leave = call_leave};
}

/* Held to the oracle or to words, each that passed is a task. */
static enum status check_variants(struct row *row, struct stage *stage, const struct row_plan *plan,
                                  struct opened *opened)
{
    stage->tasks = 0;
    const enum status status = row_check_all(row, &stage->verify, plan, opened);
    for (size_t i = 0; i < row->variants && status == STATUS_OK; i++) {
        struct variant *v = &row->variant[i];
        if (v->state != STATE_TIMED) continue;
        opened->again_seconds += 1e-9 * v->probe_ns;
        stage->task[stage->tasks++] = task_of(v);
    }
    return status;
}

enum status row_open(struct row *row, struct stage *stage, const struct row_plan *plan,
                     struct opened *opened)
{
    const struct workload *w = &row->work;
    const double from = clock_seconds();
    *opened = (struct opened){0};
    row->flops = w->spec->flops(&w->shape);
    row->bytes = w->spec->bytes(&w->shape);
    par_release(); /* what drew the operands had a team, which would spin beside us */
    workload_prepare(w);
    workload_fill_copies(w);
    enum status status = verify_open(&stage->verify, w);
    if (status == STATUS_OK) status = add_variants(row, plan);
    if (status == STATUS_OK && !plan->known) status = row_ask_oracle(row, &stage->verify, opened);
    if (status != STATUS_OK) return status;
    if (!plan->known) count_checked(row, &stage->verify.problem);
    par_release(); /* the oracle's */
    status = check_variants(row, stage, plan, opened);
    if (status != STATUS_OK) return status;
    const struct plan calibrate = {.min_ns = SAMPLE_NS};
    sampler_open(&stage->sampler, stage->task, stage->tasks, &calibrate, stage->samples);
    opened->seconds = clock_seconds() - from;
    return STATUS_OK;
}

void row_close(struct row *row)
{
    for (size_t i = 0; i < row->variants; i++) call_close(&row->variant[i]);
}

void stage_close(struct stage *stage)
{
    verify_close(&stage->verify);
    arena_close(&stage->memory);
}
