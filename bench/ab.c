/* hinge ab: two builds beside each other in one run, and which rows of the new one are slower. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ab/bisect.h"
#include "ab/checkout.h"
#include "ab/contest.h"
#include "ab/plan.h"
#include "ab/print.h"
#include "base/clock.h"
#include "commands.h"
#include "interrupt.h"
#include "measure/sample.h"
#include "report/file.h"

static void progress(const struct pairs *p, const struct pair_row *row)
{
    if (!isatty(STDERR_FILENO)) return;
    const long left = lround(fmax(p->until - clock_seconds(), 0.0));
    fprintf(stderr, "\r\033[Kpair %zu, at most %ld:%02ld left: %.60s", p->pairs, left / 60,
            left % 60, row->name);
}

/* ---- builds */

/* A hinge, or the folder that cmake built one in. */
static enum status find_build(const char *build, char program[CHECKOUT_PATH])
{
    struct stat there;
    if (!build) build = "/proc/self/exe";
    if (stat(build, &there) != 0)
        return fail(STATUS_UNAVAILABLE, "%s: no such build; a revision needs --git", build);
    const char *below = S_ISDIR(there.st_mode) ? "/hinge" : "";
    if (snprintf(program, CHECKOUT_PATH, "%s%s", build, below) >= CHECKOUT_PATH)
        return fail(STATUS_UNAVAILABLE, "%s: too long a path", build);
    if (access(program, X_OK) == 0) return STATUS_OK;
    return fail(STATUS_UNAVAILABLE, "%s: no program that can be run", program);
}

static enum status find(const struct ab_plan *plan, const char *build, char program[CHECKOUT_PATH])
{
    char commit[COMMIT_ROOM];
    if (!plan->git || !build) return find_build(build, program);
    const enum status status = checkout_find(build, commit);
    return status == STATUS_OK ? checkout_build(commit, program) : status;
}

/* ---- one contest */

struct words {
    char program[SIDES][CHECKOUT_PATH];
    char *argv[SIDES][WORKER_ARGS + 1];
};

/* The words live as long as the contest. */
static enum status open_contest(struct contest *t, const struct ab_plan *plan, struct words *words)
{
    static const char *const self = "this build";
    const char *const label[SIDES] = {plan->old, plan->new ? plan->new : self};
    *t = (struct contest){.least = log1p(plan->least),
                          .pairs = {.target = plan->target,
                                    .seconds = plan->budget,
                                    .seed = plan->seed,
                                    .stop = interrupted,
                                    .progress = progress}};
    for (size_t s = 0; s < SIDES; s++) {
        words->argv[s][0] = words->program[s];
        memcpy(words->argv[s] + 1, plan->worker, sizeof plan->worker);
        t->pairs.side[s] =
            (struct side){.label = label[s], .program = words->program[s], .argv = words->argv[s]};
    }
    return pairs_open(&t->pairs);
}

static enum status report(const struct ab_plan *plan, const struct contest *t)
{
    enum status status = STATUS_OK;
    if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
    if (plan->markdown)
        print_markdown(stdout, t);
    else
        print_text(stdout, t, plan->verbose);
    if (plan->json) status = print_json(plan->json, t);
    if (status == STATUS_OK && plan->junit) status = print_junit(plan->junit, t);
    return status;
}

static enum status compare(const struct ab_plan *plan)
{
    static struct words words;
    struct contest t = {0};
    enum status status = sample_clock_check();
    if (status == STATUS_OK && plan->json) status = file_writable(plan->json);
    if (status == STATUS_OK && plan->junit) status = file_writable(plan->junit);
    if (status == STATUS_OK) status = find(plan, plan->old, words.program[OLD]);
    if (status == STATUS_OK) status = find(plan, plan->new, words.program[NEW]);
    if (status == STATUS_OK) status = open_contest(&t, plan, &words);
    if (status == STATUS_OK) status = contest_run(&t);
    if (t.pairs.pairs) {
        const enum status written = report(plan, &t);
        if (status == STATUS_OK) status = written;
    }
    if (status == STATUS_OK) status = contest_exit(&t);
    contest_close(&t);
    return status;
}

/* ---- bisection */

static enum status open_step(struct contest *t, const char *old, const char *new, void *ctx)
{
    static struct words words;
    snprintf(words.program[OLD], CHECKOUT_PATH, "%s", old);
    snprintf(words.program[NEW], CHECKOUT_PATH, "%s", new);
    return open_contest(t, ctx, &words);
}

int cmd_ab(int argc, char **argv)
{
    struct ab_plan plan = ab_plan_read(argc, argv);
    interrupt_catch(true);
    const struct bisect bisect = {plan.old, plan.new, open_step, &plan, interrupted};
    const enum status status = plan.bisect ? bisect_run(&bisect) : compare(&plan);
    if (status >= STATUS_USAGE) fprintf(stderr, "hinge ab: %s\n", status_text());
    ab_plan_free(&plan);
    return interrupt_exit((int)status);
}
