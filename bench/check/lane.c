#include "lane.h"

#include "plugin/lane.h"
#include "run.h"

/* The lane whose words are the definition, ISA_COUNT where `isa` is held to the bound alone. */
static enum isa definition_of(const struct kernel_spec *spec, enum isa isa)
{
    if (!plugin_keeps_words(spec, isa)) return ISA_COUNT;
    if (spec->same_words) return isa == ISA_SCALAR ? ISA_COUNT : ISA_SCALAR;
    return isa == ISA_SCALAR || isa == ISA_MODEL ? ISA_COUNT : ISA_MODEL;
}

/* Within the bound of that lane; or MISTRUSTED, where the plan lets that be. */
static bool within(struct trial *t, enum isa isa, const void *out, struct readout *seen,
                   struct finding *f)
{
    const bool keeps = isa != ISA_PLUGIN || plugin_keeps_words(t->work->spec, isa);
    if ((keeps ? judge_bound : judge_free)(t->p, out, seen, f)) return true;
    if (f->verdict != VERDICT_MISTRUSTED || !t->work->plan->doubts) return false;
    t->doubted = true;
    f->verdict = VERDICT_PASS;
    return true;
}

/* Another run of the same lane: within the bound, and where the lane keeps to the words the same. */
static bool run_again(struct trial *t, const struct kernel_set *set, int threads,
                      struct placement at, struct readout *seen, struct finding *f, char where[96])
{
    const bool same_place = at.place == PLACE_INSIDE && at.shift == 0 && !at.spread;
    const enum verdict verdict = threads > 1 ? VERDICT_THREADS : VERDICT_REPEAT;
    run_where(at, threads, where);
    if (!run_problem(t->p, set, threads, at, t->other, f)) return false;
    if (!plugin_keeps_words(t->work->spec, set->isa) && (threads > 1 || !same_place))
        return within(t, set->isa, t->other, seen, f);
    return judge_words(t->p, t->other, t->base, verdict, "the first run", f);
}

static bool run_shift(struct trial *t, const struct kernel_set *set, int shift,
                      struct readout *seen, struct finding *f, char where[96])
{
    for (int spread = 0; spread < 2; spread++) {
        const struct placement at = {PLACE_INSIDE, shift, spread != 0};
        if (!run_again(t, set, 1, at, seen, f, where)) return false;
    }
    return true;
}

static bool run_shifts(struct trial *t, const struct kernel_set *set, int step,
                       struct readout *seen, struct finding *f, char where[96])
{
    for (int shift = 0; shift < 16; shift += step)
        if (!run_shift(t, set, shift, seen, f, where)) return false;
    return true;
}

/* The words of the lane that defines them, once per problem. */
static void run_definition(struct trial *t, enum isa isa)
{
    struct finding ignored;
    const struct kernel_set *set = isa == ISA_COUNT ? NULL : kernel_set(isa);
    if (!set || t->has_ref) return;
    t->has_ref =
        run_problem(t->p, set, 1, (struct placement){PLACE_INSIDE, 0, false}, t->ref, &ignored);
}

bool lane_run(struct trial *t, const struct kernel_set *set, struct readout *seen,
              struct finding *f, char where[96])
{
    const struct placement plain = {PLACE_INSIDE, 0, false};
    const struct check_plan *plan = t->work->plan;
    const enum isa definition = definition_of(t->work->spec, set->isa);
    run_definition(t, definition);
    run_where(plain, 1, where);
    if (!run_problem(t->p, set, 1, plain, t->base, f)) return false;
    if (!within(t, set->isa, t->base, seen, f)) return false;
    if (definition != ISA_COUNT && t->has_ref &&
        !judge_words(t->p, t->base, t->ref, VERDICT_WORDS, isa_name(definition), f))
        return false;
    if (t->care != CARE_SHIFT && t->care != CARE_SCALE) {
        if (!run_again(t, set, 1, (struct placement){PLACE_END, 0, false}, seen, f, where))
            return false;
        if (!run_again(t, set, 1, (struct placement){PLACE_START, 0, false}, seen, f, where))
            return false;
    }
    if (t->care == CARE_TAIL || t->care == CARE_SHIFT) return run_shifts(t, set, 1, seen, f, where);
    if (t->care == CARE_EDGE) return run_shifts(t, set, 9, seen, f, where);
    if (t->care == CARE_DRAWN && !run_shift(t, set, plan->shift, seen, f, where)) return false;
    if (!run_again(t, set, 1, plain, seen, f, where)) return false;
    for (size_t i = 0; i < plan->thread_count; i++)
        if (plan->threads[i] > 1 && !run_again(t, set, plan->threads[i], plain, seen, f, where))
            return false;
    return true;
}
