#include "apart.h"

#include <string.h>

#include "guard.h"
#include "isolate.h"

/* What its process tells. */
struct answer {
    struct check_tally tally;
    enum status status;
    bool done;
    char at[CHECK_AT];   /* what is under way; "" between two */
    char sentence[1024]; /* of a status that is no verdict */
};

struct job {
    const struct check_plan *plan;
    const struct part_checked *part;
    struct answer *answer;
};

static void run_part(void *ctx)
{
    const struct job *job = ctx;
    struct answer *to = job->answer;
    struct check_plan plan = *job->plan;
    plan.at = to->at;
    guard_end_by_signal();
    to->status = job->part->check(&plan, job->part->what, &to->tally);
    if (to->status != STATUS_OK && to->status != STATUS_WRONG)
        snprintf(to->sentence, sizeof to->sentence, "%s", status_text());
    to->done = true;
}

static void report_end(const struct job *job, const struct isolated *end)
{
    const struct check_plan *plan = job->plan;
    const char *const kernel = job->part->kernel;
    char how[80], text[200];
    struct answer *a = job->answer;
    a->at[sizeof a->at - 1] = '\0'; /* it may have written anywhere */
    const char *const at = *a->at ? a->at : kernel;
    if (end->late)
        snprintf(how, sizeof how, "did not return, on several threads");
    else if (end->signal)
        snprintf(how, sizeof how, "its process ended: %s", strsignal(end->signal));
    else
        snprintf(how, sizeof how, "its process ended with exit code %d", end->code);
    snprintf(text, sizeof text, "%s: the rest of %s is not checked", how, kernel);
    if (plan->out)
        fprintf(plan->out, "FAIL %s: %s\n     %s\n", at, verdict_name(VERDICT_CRASH), text);
    junit_cut(plan->junit);
    junit_case(plan->junit, kernel, at, how, NULL);
    junit_case(plan->junit, kernel, "the rest", NULL, text);
    a->tally.found[VERDICT_CRASH]++;
    a->tally.ended++;
}

enum status check_apart(const struct check_plan *plan, const struct part_checked *part,
                        struct check_tally *tally)
{
    struct job job = {plan, part, isolate_share(sizeof *job.answer)};
    struct answer *a = job.answer;
    struct isolated end;
    if (!a) return fail(STATUS_OS, "%s: no memory for what its process tells", part->kernel);
    a->tally = *tally;
    enum status status = isolate(run_part, &job, 0, false, &end);
    if (status == STATUS_OK && a->done) {
        status = a->status == STATUS_OK || a->status == STATUS_WRONG
                     ? a->status
                     : fail(a->status, "%s", a->sentence);
    } else if (status == STATUS_OK) {
        report_end(&job, &end);
        status = end.code == STATUS_OS /* memory or threads */
                     ? fail(STATUS_OS, "%s: its process gave up", part->kernel)
                     : STATUS_WRONG;
    }
    *tally = a->tally;
    isolate_unshare(a, sizeof *a);
    return status;
}
