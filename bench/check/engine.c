#include "engine.h"

#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "grad.h"
#include "lane.h"
#include "plugin/lane.h"
#include "run.h"
#include "threads.h"
#include "twins.h"

bool check_lane_runs(enum isa isa)
{
    return kernel_set(isa) != NULL;
}

void check_at(const struct check_plan *plan, const char *name)
{
    if (plan->at) snprintf(plan->at, CHECK_AT, "%s", name);
}

/* A lane that cannot run the case: counted, and why of a plug-in's; a room that a plug-in has not, is not. */
static void skip_lane(struct trial *t, enum isa isa, const char *name, const char *refusal)
{
    struct check_tally *tally = t->work->tally;
    if (refusal && !*refusal) return;
    tally->skipped[isa]++;
    if (refusal) snprintf(tally->plugin_reason, sizeof tally->plugin_reason, "%s", refusal);
    junit_case(t->work->plan->junit, t->work->spec->name, name, NULL,
               refusal ? refusal : "this lane cannot run here");
}

/* NULL where the lane is hinge's own, or the plug-in's kernel takes the case. */
static const char *refusal_of(const struct trial *t, enum isa isa)
{
    return isa == ISA_PLUGIN ? plugin_refusal(t->work->spec, &t->p->shape) : NULL;
}

static void check_lane(struct trial *t, enum isa isa)
{
    struct check_tally *tally = t->work->tally;
    const struct kernel_set *set = kernel_set(isa);
    struct finding f = {VERDICT_PASS, ""};
    const char *const refusal = refusal_of(t, isa);
    char where[96] = "", name[256], option[512];
    snprintf(name, sizeof name, "%.191s %s %s", t->p->name, isa_name(isa), fill_name(t->p->fill));
    if (!set || refusal) {
        skip_lane(t, isa, name, refusal);
        return;
    }
    tally->ran[isa]++;
    tally->elements += t->elements;
    t->doubted = false;
    check_at(t->work->plan, name);
    const bool good = lane_run(t, set, &tally->worst[isa], &f, where);
    check_at(t->work->plan, "");
    junit_case(t->work->plan->junit, t->work->spec->name, name, good ? NULL : f.text, NULL);
    if (good && t->doubted) tally->found[VERDICT_MISTRUSTED]++;
    if (t->work->plan->verbose && t->work->plan->out && good)
        fprintf(t->work->plan->out, "pass %s\n", name);
    if (good) return;
    tally->failed[isa]++;
    t->work->status = STATUS_WRONG;
    failure_report(t, isa_name(isa), plugin_option(1u << isa, option), &f, where,
                   &t->work->shown[isa]);
}

static void check_twin(struct trial *t, int form, int threads)
{
    struct check_tally *tally = t->work->tally;
    struct readout seen = {0};
    struct finding f = {VERDICT_PASS, ""};
    char lane[64], name[256];
    snprintf(lane, sizeof lane, "oneDNN %s, %d thread%s", twins_form_name(form), threads,
             threads == 1 ? "" : "s");
    snprintf(name, sizeof name, "%.191s %s", t->p->name, lane);
    check_at(t->work->plan, name);
    const enum twin_verdict verdict = twins_run(t->p, form, threads, t->other, &seen, &f);
    check_at(t->work->plan, "");
    switch (verdict) {
    case TWIN_ABSENT:
        break;
    case TWIN_SKIPPED:
        tally->twins_skipped++;
        snprintf(tally->twin_reason, sizeof tally->twin_reason, "%s", status_text());
        break;
    case TWIN_RIGHT:
        tally->twins_ran++;
        break;
    case TWIN_WRONG:
        tally->twins_ran++;
        tally->twins_failed++;
        t->work->status = STATUS_WRONG;
        f.verdict = VERDICT_TWIN;
        failure_report(t, lane, "--isa scalar", &f, "", &t->work->shown[ISA_COUNT]);
    }
}

/* On one thread, and on the first greater number of the plan: oneDNN cuts its work by threads too. */
static void check_twins(struct trial *t)
{
    const struct check_plan *plan = t->work->plan;
    int several = 1;
    if (!plan->twins || t->care != CARE_FULL) return;
    for (size_t i = plan->thread_count; i-- > 0;)
        if (plan->threads[i] > 1) several = plan->threads[i];
    for (int form = 0; form < twins_forms(); form++) {
        check_twin(t, form, 1);
        if (several > 1) check_twin(t, form, several);
    }
}

static void check_peer(struct trial *t, enum peer peer, int threads)
{
    struct check_tally *tally = t->work->tally;
    struct readout seen = {0};
    struct finding f = {VERDICT_PASS, ""};
    char name[256];
    snprintf(name, sizeof name, "%.191s %s", t->p->name, peer_name(peer));
    check_at(t->work->plan, name);
    const enum twin_verdict verdict = peers_run(t->p, peer, threads, t->other, &seen, &f);
    check_at(t->work->plan, "");
    if (verdict == TWIN_ABSENT) return;
    if (verdict == TWIN_SKIPPED) {
        tally->peer[peer].skipped++;
        snprintf(tally->peer[peer].reason, sizeof tally->peer[peer].reason, "%s", status_text());
        return;
    }
    tally->peer[peer].ran++;
    if (verdict == TWIN_RIGHT) return;
    tally->peer[peer].failed++;
    t->work->status = STATUS_WRONG;
    f.verdict = VERDICT_TWIN;
    failure_report(t, peer_name(peer), "--isa scalar --peers", &f, "", &t->work->shown[ISA_COUNT]);
}

/* On one thread and on two: each library counts its threads in its own way. */
static void check_peers(struct trial *t)
{
    if (!t->work->plan->peers || t->care != CARE_FULL) return;
    for (int peer = 0; peer < PEER_COUNT; peer++)
        for (int threads = 1; threads <= (t->p->fill == FILL_UNIT ? 2 : 1); threads++)
            check_peer(t, (enum peer)peer, threads);
}

/* On those lanes. */
static void check_problem(struct work *work, const struct check_case *c, enum fill fill,
                          unsigned isas)
{
    struct problem p;
    struct trial t = {.work = work, .p = &p, .care = c->care};
    const enum status status = problem_open(&p, work->spec, c, fill, work->plan->seed);
    if (status != STATUS_OK) {
        work->status = status;
        return;
    }
    const size_t bytes = problem_output_bytes(&p);
    char *out = malloc(3 * bytes + 1);
    if (out) {
        t.ref = out;
        t.base = out + bytes;
        t.other = out + 2 * bytes;
        judge_held(&p, &t.elements);
        for (int isa = 0; isa < ISA_COUNT; isa++)
            if (isas >> isa & 1u) check_lane(&t, (enum isa)isa);
        check_twins(&t);
        check_peers(&t);
    } else {
        work->status = fail(STATUS_OS, "%s: no memory for its outputs", p.name);
    }
    free(out);
    problem_close(&p);
}

/* What overflows in one order of rounding does not in another. */
static void check_fill(struct work *work, const struct check_case *c, enum fill fill)
{
    const unsigned isas = work->plan->isas, plugin = isas & 1u << ISA_PLUGIN;
    const bool apart =
        plugin && fill == FILL_SPECIAL && !plugin_keeps_words(work->spec, ISA_PLUGIN);
    check_problem(work, c, fill, apart ? isas & ~plugin : isas);
    if (apart) check_problem(work, c, FILL_NONFINITE, plugin);
}

static void check_grads_on(struct trial *t, const struct grads *g, enum isa isa)
{
    struct check_tally *tally = t->work->tally;
    const struct kernel_set *set = kernel_set(isa);
    struct finding f = {VERDICT_PASS, ""};
    char name[256], lane[64], option[512];
    if (!set || refusal_of(t, isa)) return; /* counted as skipped by the other checks */
    snprintf(name, sizeof name, "%.191s %s differences", t->p->name, isa_name(isa));
    snprintf(lane, sizeof lane, "%s, differences", isa_name(isa));
    tally->grads_ran++;
    check_at(t->work->plan, name);
    const bool good =
        run_problem(t->p, set, 1, (struct placement){PLACE_INSIDE, 0, false}, t->base, &f) &&
        grads_judge(g, t->base, &tally->grads_worst, &f);
    check_at(t->work->plan, "");
    junit_case(t->work->plan->junit, t->work->spec->name, name, good ? NULL : f.text, NULL);
    if (good) return;
    tally->grads_failed++;
    t->work->status = STATUS_WRONG;
    failure_report(t, lane, plugin_option(1u << isa, option), &f, "", &t->work->shown[isa]);
}

/* Gradients against differences of the forward pass, taken once for all lanes. */
static void check_grads(struct work *work, const struct check_case *c)
{
    struct problem p;
    struct grads g;
    struct trial t = {.work = work, .p = &p, .care = c->care};
    work->status = problem_open(&p, work->spec, c, FILL_UNIT, work->plan->seed);
    if (work->status != STATUS_OK) return;
    t.base = malloc(problem_output_bytes(&p) + 1);
    if (!t.base) work->status = fail(STATUS_OS, "%s: no memory for its outputs", p.name);
    if (t.base && (work->status = grads_open(&g, &p)) == STATUS_OK) {
        work->tally->grads_elements += g.elements;
        work->tally->grads_kinks += g.kinks;
        for (int isa = 0; isa < ISA_COUNT; isa++)
            if (work->plan->isas >> isa & 1u) check_grads_on(&t, &g, (enum isa)isa);
        grads_close(&g);
    }
    free(t.base);
    problem_close(&p);
}

static unsigned fills_of(const struct kernel_spec *spec, enum care care)
{
    const unsigned unit = spec->fills & FILL_BIT(FILL_UNIT);
    if (care == CARE_FULL || care == CARE_DRAWN) return spec->fills;
    if (care == CARE_TAIL) return spec->fills & (FILL_BIT(FILL_UNIT) | FILL_BIT(FILL_SPECIAL));
    return unit ? unit : spec->fills & -spec->fills;
}

static void visit(const struct check_case *c, void *ctx)
{
    struct work *work = ctx;
    char name[192];
    cases_name(work->spec, c, name, sizeof name);
    if (work->plan->once && work->status == STATUS_WRONG) return;
    if (work->plan->wanted && !work->plan->wanted(name, work->plan->ctx)) return;
    const unsigned fills = fills_of(work->spec, c->care) & work->plan->fills;
    if (!fills) return;
    work->tally->cases++;
    for (int fill = 0; fill < FILL_NONFINITE; fill++) {
        if (work->status != STATUS_OK && work->status != STATUS_WRONG) return;
        if (fills >> fill & 1u) check_fill(work, c, (enum fill)fill);
    }
    const bool plain = c->care == CARE_FULL && !c->alias && fills & FILL_BIT(FILL_UNIT);
    if (work->status != STATUS_OK || work->plan->quick || !plain) return;
    if (grads_fit(work->spec, &c->shape)) check_grads(work, c);
}

enum status check_one(const struct check_plan *plan, const struct kernel_spec *spec,
                      const struct check_case *c, struct check_tally *tally)
{
    struct work work = {.plan = plan, .spec = spec, .tally = tally};
    threads_always(true);
    visit(c, &work);
    threads_always(false);
    return work.status;
}

enum status check_kernel(const struct check_plan *plan, const struct kernel_spec *spec,
                         struct check_tally *tally)
{
    struct work work = {.plan = plan, .spec = spec, .tally = tally};
    threads_always(true);
    cases_visit(spec, plan->quick, visit, &work);
    threads_always(false);
    size_t hidden = 0;
    for (int isa = 0; isa <= ISA_COUNT && !plan->verbose; isa++)
        if (work.shown[isa] > 3) hidden += work.shown[isa] - 3;
    if (hidden && plan->out)
        fprintf(plan->out, "     %s: %zu further failures not shown (--verbose shows them)\n",
                spec->name, hidden);
    return work.status;
}
