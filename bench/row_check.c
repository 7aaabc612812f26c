#include "row_check.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "call.h"
#include "plugin/lane.h"

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
    return spec->same_words && v->isa != ISA_COUNT && plugin_keeps_words(spec, v->isa) && !v->ftz &&
           !v->row->flush;
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

bool row_wanted(const struct row_plan *plan, const char *name)
{
    return !plan->known || find_known(plan, name);
}

enum status row_ask_oracle(struct row *row, struct verify *verify, struct opened *opened)
{
    const double from = clock_seconds();
    const enum status status = verify_ask(verify, &row->work);
    opened->oracle_seconds += clock_seconds() - from;
    return status;
}

static bool is_right(struct variant *v, struct verify *verify, struct finding *f)
{
    if (v->isa == ISA_COUNT) return judge_twin(&verify->problem, verify->out, &v->readout, f);
    if (v->isa == ISA_PLUGIN && !plugin_keeps_words(v->row->work.spec, v->isa))
        return judge_free(&verify->problem, verify->out, &v->readout, f);
    return judge_bound(&verify->problem, verify->out, &v->readout, f);
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
    const enum status status = row_ask_oracle(v->row, verify, opened);
    if (status != STATUS_OK) return status;
    const bool right = is_right(v, verify, &f);
    /* Flushing changes results: how much is what the row is there to show. */
    if (!right && v->row->flush)
        v->state = STATE_FLUSHED;
    else if (!right && !v->ftz)
        call_wrong(v, f.text);
    for (struct variant *x = v->row->variant; right && x < v; x++)
        if (is_bound(v) && is_bound(x) && x->state == STATE_TIMED) {
            call_wrong(v, "other words than another lane, which the contract excludes");
            break;
        }
    return STATUS_OK;
}

/* A twin that keeps what it updates to itself is opened again; false where it cannot be. */
static bool begin_anew(struct variant *v, struct verify *verify)
{
    bool updates = false;
    for (size_t o = 0; o < verify->problem.count; o++) updates |= verify->initial[o] != NULL;
    if (!v->run || !updates) return true;
    call_close(v);
    verify_use(verify, &v->row->work, 0);
    verify_reset(verify);
    if (call_open(v) == STATUS_OK) return true;
    call_wrong(v, "could not be opened again");
    return false;
}

/* Found right without FTZ and DAZ, with them it is held to the same bound: what they flush may be of no matter. */
static void check_flushed(struct variant *v, struct verify *verify)
{
    struct finding f = {VERDICT_PASS, ""};
    if (!begin_anew(v, verify)) return;
    const uint64_t words = call_once(v, verify, 0);
    if (words != v->words && !is_right(v, verify, &f)) v->state = STATE_FLUSHED;
    v->words = words;
}

/* Of the chain as it is, without FTZ; the outputs are those of the last call. */
static void read_signal(struct row *row, const struct row_plan *plan)
{
    if (row->variant[0].state != STATE_TIMED || !row->chain || plan->known) return;
    if (strcmp(row->work.spec->name, "mlp_fwd") != 0) return;
    workload_signal(&row->work, &row->signal);
    row->has_signal = true;
}

enum status row_check_all(struct row *row, struct verify *verify, const struct row_plan *plan,
                          struct opened *opened)
{
    const bool flush = row->flush;
    enum status status = STATUS_OK;
    row->flush = flush && plan->known;
    for (size_t i = 0; i < row->variants && status == STATUS_OK; i++) {
        if (row->variant[i].state != STATE_TIMED) continue;
        status = check(&row->variant[i], verify, plan, opened);
        if (i == 0) read_signal(row, plan);
    }
    for (size_t i = 0; i < row->variants && status == STATUS_OK && flush && !plan->known; i++) {
        row->flush = true;
        if (row->variant[i].state == STATE_TIMED) check_flushed(&row->variant[i], verify);
    }
    row->flush = flush;
    return status;
}

/* At another placement every contract promises the same words; of what has none, and of oneDNN, the oracle is asked. */
static enum status check_placed(struct variant *v, struct verify *verify)
{
    struct finding f = {VERDICT_PASS, ""};
    const double probe_ns = v->probe_ns;
    const bool same = call_once(v, verify, 0) == v->words;
    v->probe_ns = probe_ns;
    if (same) return STATUS_OK;
    const enum status status = verify_ask(verify, &v->row->work);
    if (status != STATUS_OK) return status;
    const struct readout at_first = v->readout;
    const struct kernel_spec *spec = v->row->work.spec;
    const bool promised = v->isa != ISA_PLUGIN || plugin_keeps_words(spec, v->isa);
    if (v->isa != ISA_COUNT && spec->same_words && promised)
        call_wrong(v, "other words at another placement, which the contract excludes");
    else if (!is_right(v, verify, &f))
        call_wrong(v, f.text);
    v->readout = at_first;
    return STATUS_OK;
}

enum status row_place(struct row *row, struct stage *stage, size_t placement, bool check)
{
    const struct sampler *s = &stage->sampler;
    enum status status = STATUS_OK;
    for (size_t t = 0; t < s->tasks; t++) call_close(s->task[t].ctx);
    workload_place(&row->work, placement);
    for (size_t t = 0; t < s->tasks && status == STATUS_OK; t++) status = call_open(s->task[t].ctx);
    for (size_t t = 0; t < s->tasks && status == STATUS_OK && check; t++)
        status = check_placed(s->task[t].ctx, &stage->verify);
    return status;
}

/* The very objects that were timed, the last copy's. */
static void check_variant_again(struct variant *v, struct verify *verify)
{
    const double probe_ns = v->probe_ns;
    if (!begin_anew(v, verify)) return;
    if (call_once(v, verify, v->row->work.copies - 1) != v->words)
        call_wrong(v, "other words after the timing than before it");
    v->probe_ns = probe_ns;
}

void row_check_again(struct stage *stage)
{
    const struct sampler *s = &stage->sampler;
    for (size_t t = 0; t < s->tasks; t++) check_variant_again(s->task[t].ctx, &stage->verify);
}
