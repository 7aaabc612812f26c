#include "row.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/par.h"
#include "call.h"
#include "plugin/lane.h"

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

/* ---- the check */

static void call_wrong(struct variant *v, const char *text)
{
    struct row *row = v->row;
    v->state = STATE_WRONG;
    if (!row->wrong[0])
        snprintf(row->wrong, sizeof row->wrong, "%.120s %s: %.160s", row->name, v->name, text);
}

/* One call on fresh outputs of that copy; what they hold is then in verify->out. */
static uint64_t call_once(struct variant *v, struct verify *verify, size_t copy)
{
    verify_use(verify, &v->row->work, copy);
    verify_reset(verify);
    call_enter(v, 0);
    const double from = clock_seconds();
    call_on(v, copy);
    v->probe_ns = 1e9 * (clock_seconds() - from);
    call_leave(v);
    if (v->run) twin_finish(v->run);
    return verify_words(verify);
}

/* A lane whose kernel promises the words of every other. */
static bool is_bound(const struct variant *v)
{
    const struct kernel_spec *spec = v->row->work.spec;
    return spec->same_words && v->isa != ISA_COUNT && plugin_keeps_words(spec, v->isa) && !v->ftz;
}

/* A variant that was found right and wrote the same words. */
static const struct variant *same_words(const struct variant *v)
{
    for (const struct variant *x = v->row->variant; x < v; x++)
        if (x->state == STATE_TIMED && x->words == v->words) return x;
    return NULL;
}

static const struct known *find_known(const struct row_plan *plan, const char *name)
{
    for (size_t i = 0; plan->known && i < plan->knowns; i++)
        if (strcmp(plan->known[i].name, name) == 0) return &plan->known[i];
    return NULL;
}

static bool is_wanted(const struct row_plan *plan, const char *name)
{
    return !plan->known || find_known(plan, name);
}

static enum status ask_oracle(struct row *row, struct verify *verify, struct opened *opened)
{
    const double from = clock_seconds();
    const enum status status = verify_ask(verify, &row->work);
    opened->oracle_seconds += clock_seconds() - from;
    return status;
}

/* Not STATUS_OK where there is no memory for the oracle. */
static enum status check(struct variant *v, struct verify *verify, const struct row_plan *plan,
                         struct opened *opened)
{
    struct finding f = {VERDICT_PASS, ""};
    v->words = call_once(v, verify, 0);
    const struct known *known = find_known(plan, v->name);
    if (known && known->words == v->words) return STATUS_OK;
    if (known && is_bound(v)) {
        call_wrong(v, "other words than in an earlier process, which the contract excludes");
        return STATUS_OK;
    }
    const struct variant *same = same_words(v);
    if (same) {
        v->readout = same->readout;
        return STATUS_OK;
    }
    const enum status status = ask_oracle(v->row, verify, opened);
    if (status != STATUS_OK) return status;
    bool right;
    if (v->isa == ISA_COUNT)
        right = judge_twin(&verify->problem, verify->out, &v->readout, &f);
    else if (v->isa == ISA_PLUGIN && !is_bound(v))
        right = judge_free(&verify->problem, verify->out, &v->readout, &f);
    else
        right = judge_bound(&verify->problem, verify->out, &v->readout, &f);
    /* Flushing changes results: how much is what the row is there to show. */
    if (!right && !v->ftz) call_wrong(v, f.text);
    for (struct variant *x = v->row->variant; right && x < v; x++)
        if (is_bound(v) && is_bound(x) && x->state == STATE_TIMED) {
            call_wrong(v, "other words than another lane, which the contract excludes");
            break;
        }
    return STATUS_OK;
}

/* The very objects that were timed, the last copy's; a twin that keeps what it updates to itself starts
 * anew. */
static void check_variant_again(struct variant *v, struct verify *verify)
{
    bool updates = false;
    for (size_t o = 0; o < verify->problem.count; o++) updates |= verify->initial[o] != NULL;
    if (v->run && updates) {
        call_close(v);
        verify_use(verify, &v->row->work, 0);
        verify_reset(verify);
        if (call_open(v) != STATUS_OK) {
            call_wrong(v, "could not be opened again after the timing");
            return;
        }
    }
    const double probe_ns = v->probe_ns;
    if (call_once(v, verify, v->row->work.copies - 1) != v->words)
        call_wrong(v, "other words after the timing than before it");
    v->probe_ns = probe_ns;
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
        if (is_wanted(plan, isa_name((enum isa)i))) add(row, isa_name((enum isa)i), (enum isa)i);
        if (i != ISA_PLUGIN) widest = (enum isa)i;
    }
    if (!plan->ftz || widest == ISA_COUNT) return;
    char name[24];
    snprintf(name, sizeof name, "%s+ftz", isa_name(widest));
    if (is_wanted(plan, name)) add(row, name, widest)->ftz = true;
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
    const struct twin *twin = twin_of(row->work.spec->name);
    unsigned forms = twin ? twin->forms(&row->work.shape) : 0;
    if (plan->forms) forms &= plan->forms;
    for (int f = 0; f < FORM_COUNT; f++) {
        char name[24];
        snprintf(name, sizeof name, "dnnl-%s", form_name((enum form)f));
        if (!(forms >> f & 1u) || !is_wanted(plan, name)) continue;
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
        if (!peer_here(peer) || !is_wanted(plan, peer_name(peer))) continue;
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
    const struct workload *w = &row->work;
    stage->tasks = 0;
    for (size_t i = 0; i < row->variants; i++) {
        struct variant *v = &row->variant[i];
        if (v->state != STATE_TIMED) continue;
        const enum status status = check(v, &stage->verify, plan, opened);
        if (status != STATUS_OK) return status;
        if (v->state != STATE_TIMED) continue;
        if (row->chain && i == 0 && !plan->known && strcmp(w->spec->name, "mlp_fwd") == 0) {
            workload_signal(w, &row->signal);
            row->has_signal = true;
        }
        opened->again_seconds += 1e-9 * v->probe_ns;
        stage->task[stage->tasks++] = task_of(v);
    }
    return STATUS_OK;
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
    if (status == STATUS_OK && !plan->known) status = ask_oracle(row, &stage->verify, opened);
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

void row_check_again(struct stage *stage)
{
    const struct sampler *s = &stage->sampler;
    for (size_t t = 0; t < s->tasks; t++) check_variant_again(s->task[t].ctx, &stage->verify);
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
