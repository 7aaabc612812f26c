#include "probe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/par.h"
#include "measure/dialogue.h"
#include "measure/stats.h"

/* Even, so that A is as often first as B. */
enum { ROUNDS = 8 };
/* Of one answer. A sample takes milliseconds; a machine that is that busy can be left alone. */
static const double ANSWER_SECONDS = 60.0;

static enum status no_answer(void)
{
    return fail(STATUS_INTERNAL, "a process of the probe gave no answer");
}

static enum status start(struct dialogue *c, size_t floats)
{
    char program[] = "/proc/self/exe", command[] = "doctor", option[64];
    char *const argv[] = {program, command, option, NULL};
    snprintf(option, sizeof option, "--probe=%zu", floats);
    return dialogue_start(c, argv, false);
}

static enum status greet(struct dialogue *c)
{
    char line[DIALOGUE_ROOM], want[32];
    snprintf(want, sizeof want, "probe %d", probe_kinds());
    if (!dialogue_line(c, clock_seconds() + ANSWER_SECONDS, line)) return no_answer();
    if (strcmp(line, want) == 0) return STATUS_OK;
    return fail(STATUS_INTERNAL, "a process of the probe says '%.40s', not '%s'", line, want);
}

static enum status ask(struct dialogue *c, int kind, double *ns)
{
    char line[DIALOGUE_ROOM];
    snprintf(line, sizeof line, "%d\n", kind);
    if (!dialogue_send(c, line) || !dialogue_line(c, clock_seconds() + ANSWER_SECONDS, line))
        return no_answer();
    if (sscanf(line, "%lf", ns) == 1 && *ns > 0.0) return STATUS_OK;
    return fail(STATUS_INTERNAL, "a process of the probe answers '%.40s'", line);
}

/* Adds its counts to the probe's. */
static enum status take_end(struct probe *p, struct dialogue *c)
{
    char line[DIALOGUE_ROOM];
    double ran, waited, switches;
    int used = 0;
    if (!dialogue_send(c, "end\n") || !dialogue_line(c, clock_seconds() + ANSWER_SECONDS, line))
        return no_answer();
    if (sscanf(line, "%lf %lf %lf%n", &ran, &waited, &switches, &used) != 3) return no_answer();
    p->ran_ns += ran;
    p->waited_ns += waited;
    p->switches += switches;
    const char *at = line + used;
    for (int k = 0; k < probe_kinds(); k++, at += used) {
        struct probe_counts n;
        if (sscanf(at, "%lf %lf %lf%n", &n.kept, &n.retaken, &n.disturbed, &used) != 3)
            return no_answer();
        p->counts[k].kept += n.kept;
        p->counts[k].retaken += n.retaken;
        p->counts[k].disturbed += n.disturbed;
    }
    return STATUS_OK;
}

/* ABBA for each kind, the kinds in turn. */
static enum status take_rounds(struct dialogue side[2], double ns[2][PROBE_KINDS][ROUNDS])
{
    for (int r = 0; r < ROUNDS; r++)
        for (int k = 0; k < probe_kinds(); k++)
            for (int turn = 0; turn < 2; turn++) {
                const int s = (turn + r) % 2;
                const enum status status = ask(&side[s], k, &ns[s][k][r]);
                if (status != STATUS_OK) return status;
            }
    return STATUS_OK;
}

static void summarize(struct probe *p, double ns[2][PROBE_KINDS][ROUNDS])
{
    for (int k = 0; k < probe_kinds(); k++) {
        double ratio[ROUNDS];
        for (int r = 0; r < ROUNDS; r++) ratio[r] = log(ns[1][k][r] / ns[0][k][r]);
        p->ratio[p->pairs][k] = stats_median(ratio, ROUNDS);
        for (int s = 0; s < 2; s++) p->time[p->pairs][s][k] = log(stats_median(ns[s][k], ROUNDS));
    }
    p->pairs++;
}

static enum status run_pair(struct probe *p, size_t floats)
{
    struct dialogue side[2];
    double ns[2][PROBE_KINDS][ROUNDS];
    const double from = clock_seconds();
    enum status status = start(&side[0], floats);
    if (status != STATUS_OK) return status;
    status = start(&side[1], floats);
    if (status != STATUS_OK) {
        dialogue_end(&side[0], clock_seconds() + ANSWER_SECONDS);
        return status;
    }
    for (int s = 0; s < 2 && status == STATUS_OK; s++) status = greet(&side[s]);
    if (status == STATUS_OK) status = take_rounds(side, ns);
    for (int s = 0; s < 2 && status == STATUS_OK; s++) status = take_end(p, &side[s]);
    for (int s = 0; s < 2; s++) dialogue_end(&side[s], clock_seconds() + ANSWER_SECONDS);
    if (status == STATUS_OK) summarize(p, ns);
    p->process_seconds += 2.0 * (clock_seconds() - from);
    return status;
}

enum status probe_run(struct probe *p, double seconds, size_t floats)
{
    const double from = clock_seconds();
    double last = 0.0;
    *p = (struct probe){.pairs = 0};
    par_release();
    par_unbind();
    while (p->pairs < PROBE_PAIRS && (p->pairs == 0 || clock_seconds() - from + last <= seconds)) {
        const double at = clock_seconds();
        const enum status status = run_pair(p, floats);
        if (status != STATUS_OK) return status;
        last = clock_seconds() - at;
    }
    p->seconds = clock_seconds() - from;
    return STATUS_OK;
}
