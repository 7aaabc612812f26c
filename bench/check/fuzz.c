#include "fuzz.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "failure.h"
#include "isolate.h"
#include "plugin/lane.h"
#include "shrink.h"

/* A case takes milliseconds; with sanitizers and on a busy machine some hundred times as long. */
enum { CASE_SECONDS = 120, TRIALS_MOST = 3000, UNWANTED_MOST = 100000 };

/* What the process of a case tells. */
struct answer {
    struct check_tally tally;
    enum status status;
    bool done;
    char sentence[160]; /* of a status that is no verdict */
};

/* A case, whose process this may be. */
struct attempt {
    const struct fuzz *fuzz;
    struct drawn drawn;
    unsigned isas;
    bool loud, late;       /* what it prints is seen; it did not end */
    struct answer *answer; /* shared */
    struct finding finding;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    interrupted = number;
}

static struct check_plan plan_of(const struct attempt *a)
{
    struct check_plan plan = a->fuzz->check;
    plan.isas = a->isas;
    plan.fills = FILL_BIT(a->drawn.fill);
    plan.threads[0] = a->drawn.threads;
    plan.thread_count = 1;
    plan.shift = a->drawn.shift;
    plan.seed = a->drawn.seed;
    plan.wanted = NULL;
    plan.junit = NULL;
    plan.out = a->loud ? a->fuzz->check.out : NULL;
    return plan;
}

static void run_case(void *ctx)
{
    const struct attempt *a = ctx;
    const struct check_plan plan = plan_of(a);
    struct answer *to = a->answer;
    to->status = check_one(&plan, a->drawn.spec, &a->drawn.c, &to->tally);
    if (to->status != STATUS_OK && to->status != STATUS_WRONG)
        snprintf(to->sentence, sizeof to->sentence, "%s", status_text());
    to->done = true;
}

/* How the process ended, where not with an answer. */
static void describe_end(const struct attempt *a, const struct isolated *end, struct finding *f)
{
    const bool threads = end->code == STATUS_WRONG && a->drawn.threads > 1;
    f->verdict = VERDICT_CRASH;
    if (end->late)
        snprintf(f->text, sizeof f->text, "no end within %d s", CASE_SECONDS);
    else if (end->signal)
        snprintf(f->text, sizeof f->text, "the case's process ended: %s", strsignal(end->signal));
    else if (threads)
        snprintf(f->text, sizeof f->text, "crashed with %d threads at work", a->drawn.threads);
    else
        snprintf(f->text, sizeof f->text, "the case's process exited with %d", end->code);
}

/* The finding is VERDICT_PASS where the case passes. */
static enum status attempt(struct attempt *a)
{
    struct isolated end;
    a->answer->done = false;
    a->answer->tally.first = (struct finding){VERDICT_PASS, ""};
    const enum status status = isolate(run_case, a, CASE_SECONDS, !a->loud, &end);
    if (status != STATUS_OK) return status;
    a->late = end.late;
    a->finding = a->answer->tally.first;
    if (!a->answer->done)
        describe_end(a, &end, &a->finding);
    else if (a->answer->status != STATUS_OK && a->answer->status != STATUS_WRONG)
        return fail(a->answer->status, "%s", a->answer->sentence);
    return STATUS_OK;
}

/* ---- a failure */

struct same {
    struct attempt attempt;
    enum verdict verdict;
};

static bool fails_alike(const struct drawn *d, void *ctx)
{
    struct same *same = ctx;
    if (interrupted) return false;
    same->attempt.drawn = *d;
    return attempt(&same->attempt) == STATUS_OK && same->attempt.finding.verdict == same->verdict;
}

/* The first of the lanes that fails so on its own. */
static unsigned failing_lane(struct same *same, const struct drawn *d, unsigned isas)
{
    for (int isa = 0; isa < ISA_COUNT; isa++) {
        same->attempt.isas = isas & 1u << isa;
        if (same->attempt.isas && fails_alike(d, same)) return same->attempt.isas;
    }
    return isas;
}

/* What the case's own process has not said: it crashed on several threads, or the failure did not come again. */
static void print_failure(const struct attempt *a)
{
    FILE *out = a->fuzz->check.out;
    const struct check_plan plan = plan_of(a);
    char lanes[96] = "", option[512], name[192];
    for (int isa = 0; isa < ISA_COUNT; isa++)
        if (a->isas >> isa & 1u)
            snprintf(lanes + strlen(lanes), sizeof lanes - strlen(lanes), "%s%s", *lanes ? "," : "",
                     isa_name((enum isa)isa));
    plugin_option(a->isas, option);
    cases_name(a->drawn.spec, &a->drawn.c, name, sizeof name);
    fprintf(out, "FAIL %s %s, fill %s, seed %llu: %s\n     %s\n     ", name, lanes,
            fill_name(a->drawn.fill), (unsigned long long)plan.seed,
            verdict_name(a->finding.verdict), a->finding.text);
    failure_repeat(out, &plan, name, a->drawn.fill, option);
}

static void shrink_and_print(const struct attempt *failed, struct answer *scratch)
{
    struct same same = {.attempt = *failed, .verdict = failed->finding.verdict};
    struct drawn best = failed->drawn;
    FILE *out = failed->fuzz->check.out;
    if (failed->late) { /* each trial would take as long */
        print_failure(failed);
        return;
    }
    same.attempt.answer = scratch;
    same.attempt.isas = failing_lane(&same, &best, failed->isas);
    const size_t trials = shrink_case(&best, TRIALS_MOST, fails_alike, &same);
    same.attempt.drawn = best;
    same.attempt.loud = true;
    const enum status status = attempt(&same.attempt);
    const bool again = status == STATUS_OK && same.attempt.finding.verdict != VERDICT_PASS;
    if (!again)
        print_failure(failed);
    else if (!scratch->done)
        print_failure(&same.attempt);
    fprintf(out, again ? "     the smallest of %zu trials\n" : "     not again in %zu trials\n",
            trials);
    fflush(out);
}

/* ---- the run */

static void print_progress(const struct fuzz *fuzz, const struct fuzz_tally *t, const char *name)
{
    static double shown;
    const double at_least_apart = 0.1, now = clock_seconds();
    if (!isatty(STDERR_FILENO) || now < shown + at_least_apart) return;
    shown = now;
    const double done =
        fuzz->seconds > 0.0 ? t->seconds / fuzz->seconds : (double)t->cases / (double)fuzz->cases;
    const double left = t->seconds * (1.0 - done) / fmax(done, 1e-6);
    const long eta = lround(fmin(fmax(left, 0.0), 1e6));
    fprintf(stderr, "\r\033[K%llu cases, %.0f %%, %ld:%02ld left: %.60s",
            (unsigned long long)t->cases, 100.0 * fmin(done, 1.0), eta / 60, eta % 60, name);
}

static void clear_progress(void)
{
    if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
}

struct seen {
    bool verdicts[VERDICT_COUNT]; /* of a kernel, shrunk and printed */
};

static void record(const struct attempt *a, const char *name, struct seen *seen,
                   struct fuzz_tally *tally)
{
    const enum verdict verdict = a->finding.verdict;
    const char *failure = verdict == VERDICT_PASS ? NULL : a->finding.text;
    char text[256];
    snprintf(text, sizeof text, "%.150s %s, %d threads, shift %d, seed %llu", name,
             fill_name(a->drawn.fill), a->drawn.threads, a->drawn.shift,
             (unsigned long long)a->drawn.seed);
    junit_case(a->fuzz->check.junit, a->drawn.spec->name, text, failure, NULL);
    if (!failure) return;
    tally->failed++;
    if (seen->verdicts[verdict]) return;
    clear_progress();
    seen->verdicts[verdict] = true;
    struct answer *scratch = isolate_share(sizeof *scratch);
    fprintf(a->fuzz->check.out, "%s: %s; making it smaller\n", name, verdict_name(verdict));
    if (scratch)
        shrink_and_print(a, scratch);
    else
        print_failure(a);
    isolate_unshare(scratch, sizeof *scratch);
}

static enum status run_cases(const struct fuzz *fuzz, struct answer *answer, struct seen *seen,
                             struct fuzz_tally *t)
{
    const double begun = clock_seconds();
    const size_t specs = fuzz->draw.spec_count;
    size_t unwanted = 0;
    for (uint64_t number = 0; !interrupted; number++) {
        const bool enough =
            fuzz->seconds > 0.0 ? t->seconds >= fuzz->seconds && t->cases : t->cases >= fuzz->cases;
        if (enough) break;
        struct attempt a = {
            .fuzz = fuzz, .drawn = draw_case(&fuzz->draw, number), .isas = fuzz->check.isas};
        char name[192];
        a.answer = answer;
        cases_name(a.drawn.spec, &a.drawn.c, name, sizeof name);
        if (fuzz->check.wanted && !fuzz->check.wanted(name, fuzz->check.ctx)) {
            if (++unwanted > UNWANTED_MOST)
                return fail(STATUS_USAGE, "none of %zu drawn cases matches --filter", unwanted);
            continue;
        }
        unwanted = 0;
        print_progress(fuzz, t, name);
        const enum status status = attempt(&a);
        if (status != STATUS_OK) return status;
        t->cases++;
        t->kernel[number % specs]++;
        record(&a, name, &seen[number % specs], t);
        t->seconds = clock_seconds() - begun;
    }
    return t->failed ? STATUS_WRONG : STATUS_OK;
}

enum status fuzz_run(const struct fuzz *fuzz, struct fuzz_tally *tally)
{
    const struct sigaction once = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    const size_t bytes = fuzz->draw.spec_count * sizeof(struct seen);
    struct sigaction former;
    struct answer *answer = isolate_share(sizeof *answer);
    struct seen *seen = isolate_share(bytes);
    enum status status = fail(STATUS_OS, "no memory for the cases' answers");
    if (answer && seen) {
        sigaction(SIGINT, &once, &former);
        status = run_cases(fuzz, answer, seen, tally);
        sigaction(SIGINT, &former, NULL);
        clear_progress();
        tally->check = answer->tally;
        tally->interrupted = interrupted != 0;
    }
    isolate_unshare(answer, sizeof *answer);
    isolate_unshare(seen, bytes);
    return status;
}
