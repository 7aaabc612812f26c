#include "net_check.h"

#include <stdio.h>

#include "studies/circuits/exact.h"
#include "threads.h"

static void report(const struct check_plan *plan, struct check_tally *tally, const struct exact *x,
                   const char *lane, const char *option)
{
    if (tally->first.verdict == VERDICT_PASS) tally->first = x->finding;
    tally->found[x->finding.verdict]++;
    if (!plan->out) return;
    fprintf(
        plan->out,
        "FAIL %s %s, seed %llu: %s\n     %s\nrepeat: hinge check --filter '^%s$' %s --seed %llu\n",
        x->name, lane, (unsigned long long)plan->seed, verdict_name(x->finding.verdict),
        x->finding.text, x->name, option, (unsigned long long)plan->seed);
    fflush(plan->out);
}

static bool check_lane(const struct check_plan *plan, struct check_tally *tally, struct exact *x,
                       enum isa isa)
{
    char name[128], option[32];
    const struct kernel_set *set = kernel_set(isa);
    snprintf(name, sizeof name, "%s %s", x->name, isa_name(isa));
    snprintf(option, sizeof option, "--isa %s", isa_name(isa));
    if (!set) {
        tally->skipped[isa]++;
        junit_case(plan->junit, "circuit", name, NULL, "this lane cannot run here");
        return true;
    }
    tally->ran[isa]++;
    const size_t some = plan->quick && plan->thread_count > 2 ? 2 : plan->thread_count;
    check_at(plan, name);
    const bool good = exact_right(x, set, plan->threads, some);
    check_at(plan, "");
    junit_case(plan->junit, "circuit", name, good ? NULL : x->finding.text, NULL);
    if (plan->verbose && plan->out && good) fprintf(plan->out, "pass %s\n", name);
    if (good) return true;
    tally->failed[isa]++;
    report(plan, tally, x, isa_name(isa), option);
    return false;
}

static bool check_twin(const struct check_plan *plan, struct check_tally *tally, struct exact *x)
{
    struct net_dense twin;
    char name[128];
    if (!plan->twins) return true;
    if (net_dense_open(&twin, &x->net, true, x->m, 1) != STATUS_OK) {
        tally->twins_skipped++;
        snprintf(tally->twin_reason, sizeof tally->twin_reason, "%s", status_text());
        return true;
    }
    snprintf(name, sizeof name, "%s oneDNN", x->name);
    check_at(plan, name);
    const bool good = exact_dense_right(x, &twin, NULL, 1);
    check_at(plan, "");
    net_dense_close(&twin);
    tally->twins_ran++;
    if (good) return true;
    tally->twins_failed++;
    x->finding.verdict = VERDICT_TWIN;
    report(plan, tally, x, "oneDNN", "--isa scalar");
    return false;
}

enum status net_check(const struct check_plan *plan, struct check_tally *tally)
{
    enum status worst = STATUS_OK;
    if (!(plan->fills & FILL_BIT(FILL_EXACT))) return STATUS_OK;
    threads_always(true);
    for (size_t i = 0; i < EXACT_NETWORKS; i++) {
        struct exact x;
        char name[96];
        exact_name(i, name);
        if (plan->wanted && !plan->wanted(name, plan->ctx)) continue;
        const enum status status = exact_open(&x, i, plan->seed);
        if (status != STATUS_OK) {
            worst = status;
            break;
        }
        tally->cases++;
        for (int isa = 0; isa < ISA_COUNT; isa++)
            if (plan->isas >> isa & 1u && !check_lane(plan, tally, &x, (enum isa)isa))
                worst = STATUS_WRONG;
        if (!check_twin(plan, tally, &x)) worst = STATUS_WRONG;
        exact_close(&x);
    }
    threads_always(false);
    return worst;
}

size_t net_check_set(const struct kernel_set *set)
{
    static const int threads[] = {1, 2};
    size_t wrong = 0;
    threads_always(true);
    for (size_t i = 0; i < EXACT_NETWORKS && wrong != SIZE_MAX; i++) {
        struct exact x;
        if (exact_open(&x, i, 1) != STATUS_OK) {
            wrong = SIZE_MAX;
            break;
        }
        wrong += !exact_right(&x, set, threads, 2);
        exact_close(&x);
    }
    threads_always(false);
    return wrong;
}
