/* The parts of `hinge doctor`: other programs as children, lists of CPUs, and whether the effects that it says
 * can be seen are seen, on simulated noise. Deterministic but for the children. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "doctor/effect.h"
#include "doctor/system.h"
#include "expect.h"
#include "measure/dialogue.h"
#include "measure/stats.h"

/* ---- children */

static const double SOON = 60.0, AT_ONCE = 0.01;

static void test_dialogue(void)
{
    char program[] = "cat", line[DIALOGUE_ROOM];
    char *const argv[] = {program, NULL};
    struct dialogue c;
    EXPECT(dialogue_start(&c, argv, true) == STATUS_OK, "%s", status_text());
    for (int i = 0; i < 3; i++) {
        EXPECT(dialogue_send(&c, "one\ntwo\n"), "round %d", i);
        EXPECT(dialogue_line(&c, clock_seconds() + SOON, line) && strcmp(line, "one") == 0, "%s",
               line);
        EXPECT(dialogue_line(&c, clock_seconds() + SOON, line) && strcmp(line, "two") == 0, "%s",
               line);
    }
    EXPECT(!dialogue_line(&c, clock_seconds() + AT_ONCE, line), "a line from nowhere: %s", line);
    EXPECT(dialogue_end(&c, clock_seconds() + SOON) == 0, "cat fails");
}

static void test_endings(void)
{
    char shell[] = "sh", option[] = "-c", line[DIALOGUE_ROOM];
    char ends[] = "echo whole; printf part; exit 7",
         stays[] = "trap '' TERM; echo up; exec sleep 600";
    char *const ending[] = {shell, option, ends, NULL}, *const staying[] = {shell, option, stays,
                                                                            NULL};
    struct dialogue c;
    EXPECT(dialogue_start(&c, ending, true) == STATUS_OK, "%s", status_text());
    EXPECT(dialogue_line(&c, clock_seconds() + SOON, line) && strcmp(line, "whole") == 0, "%s",
           line);
    EXPECT(dialogue_line(&c, clock_seconds() + SOON, line) && strcmp(line, "part") == 0, "%s",
           line);
    EXPECT(!dialogue_line(&c, clock_seconds() + SOON, line), "%s", line);
    EXPECT(dialogue_end(&c, clock_seconds() + SOON) == 7, "another exit code");
    EXPECT(!dialogue_send(&c, "x\n"), "sent to nobody");
    EXPECT(dialogue_start(&c, staying, true) == STATUS_OK, "%s", status_text());
    EXPECT(dialogue_line(&c, clock_seconds() + SOON, line) && strcmp(line, "up") == 0, "%s", line);
    EXPECT(dialogue_end(&c, clock_seconds() + AT_ONCE) == 128 + 9, "not killed");
}

static void test_long_line(void)
{
    char program[] = "head", option[] = "-c", count[] = "5000", zero[] = "/dev/zero",
         line[DIALOGUE_ROOM];
    char *const argv[] = {program, option, count, zero, NULL};
    struct dialogue c;
    EXPECT(dialogue_start(&c, argv, true) == STATUS_OK, "%s", status_text());
    EXPECT(dialogue_line(&c, clock_seconds() + SOON, line), "the first part");
    EXPECT(dialogue_line(&c, clock_seconds() + SOON, line), "the rest");
    EXPECT(!dialogue_line(&c, clock_seconds() + SOON, line), "more than there is");
    EXPECT(dialogue_end(&c, clock_seconds() + SOON) == 0, "head fails");
}

static void test_absent(void)
{
    char program[] = "no-such-program-as-this";
    char *const argv[] = {program, NULL};
    struct dialogue c;
    EXPECT(dialogue_start(&c, argv, true) == STATUS_UNAVAILABLE, "started");
    EXPECT(strstr(status_text(), program) != NULL, "%s", status_text());
}

/* ---- lists of CPUs */

static void test_cpus(void)
{
    const struct {
        const char *list, *text; /* NULL: it is none */
    } want[] = {{"0", "0"},
                {"0-3", "0-3"},
                {"0-1,4,6-7", "0-1,4,6-7"},
                {"3,2,1,1-2", "1-3"},
                {"1022-5000", "1022-1023"},
                {"", ""},
                {"x", NULL},
                {"1-", NULL},
                {"3-1", NULL},
                {"1,,2", NULL},
                {"1;2", NULL}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        struct cpus cpus;
        char text[64];
        const bool is = cpus_parse(&cpus, want[i].list);
        EXPECT(is == (want[i].text != NULL), "'%s'", want[i].list);
        if (is)
            EXPECT(strcmp(cpus_text(&cpus, text, sizeof text), want[i].text) == 0, "'%s' is '%s'",
                   want[i].list, text);
    }
    struct cpus odd = {.count = 0};
    char text[16];
    for (size_t c = 1; c < SYSTEM_CPUS; c += 2) odd.has[c] = true;
    EXPECT(strlen(cpus_text(&odd, text, sizeof text)) == sizeof text - 1, "'%s'", text);
}

/* ---- effects */

static uint64_t state = 20240229;
static double uniform(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
    return ((double)(state >> 11) + 0.5) * 0x1p-53;
}
static double normal(void)
{
    return sqrt(-2.0 * log(uniform())) * cos(6.283185307179586 * uniform());
}

/* Log times: of a process by its placement, and of its median beside that. */
static const double PLACEMENT = 0.02, MEDIAN = 0.005;

static double process(void)
{
    return PLACEMENT * normal() + MEDIAN * normal();
}

static struct probe simulate(double drift)
{
    struct probe p = {.pairs = PROBE_PAIRS, .counts = {{100.0, 25.0, 10.0}}};
    for (size_t i = 0; i < p.pairs; i++) {
        for (int s = 0; s < 2; s++) p.time[i][s][0] = process() + (i < p.pairs / 2 ? 0.0 : drift);
        p.ratio[i][0] = p.time[i][1][0] - p.time[i][0][0];
    }
    p.seconds = 0.3 * (double)p.pairs * probe_kinds(); /* a row's 6 s have room for RUN_MOST */
    return p;
}

/* How often a run of `ab` with so many pairs finds what is slower by that share. */
static double ab_finds(size_t pairs, double share)
{
    enum { TIMES = 4000 };
    double ratio[RUN_MOST];
    int found = 0;
    for (int t = 0; t < TIMES; t++) {
        for (size_t i = 0; i < pairs; i++) ratio[i] = log1p(share) + process() - process();
        const struct interval r = stats_mean(ratio, pairs);
        found += r.lo > 0.0 || r.hi < 0.0;
    }
    return (double)found / TIMES;
}

/* And two runs of so many processes each, by the t test of two samples. */
static double compare_finds(size_t processes, double share)
{
    enum { TIMES = 4000 };
    double a[RUN_MOST], b[RUN_MOST];
    int found = 0;
    for (int t = 0; t < TIMES; t++) {
        for (size_t i = 0; i < processes; i++) {
            a[i] = process();
            b[i] = log1p(share) + process();
        }
        const double sa = stats_deviation(a, processes), sb = stats_deviation(b, processes);
        const double error = sqrt((sa * sa + sb * sb) / (double)processes);
        const double apart = stats_mean(b, processes).at - stats_mean(a, processes).at;
        found += fabs(apart) > stats_student(2 * processes - 2) * error;
    }
    return (double)found / TIMES;
}

static void test_effect(void)
{
    const struct probe p = simulate(0.0);
    const struct effect e = effect_of(&p, PROBE_COMPUTE, 0.01);
    EXPECT(e.pairs == RUN_MOST && e.processes == RUN_MOST, "%zu pairs, %zu", e.pairs, e.processes);
    const double ab = ab_finds(e.pairs, e.ab),
                 compare = compare_finds(e.processes, e.compare - e.drift);
    EXPECT(ab > 0.7 && ab < 0.9, "ab finds %.3g %% in %.2f of runs", 100.0 * e.ab, ab);
    EXPECT(compare > 0.7 && compare < 0.9, "compare finds %.3g %% in %.2f", 100.0 * e.compare,
           compare);
    EXPECT(e.drift < PLACEMENT, "drift %g of none", e.drift);
    EXPECT(e.ab_most > e.ab && e.compare_most > e.compare, "no upper bounds");
    EXPECT(e.retaken == 0.2 && e.disturbed == 0.1, "%g retaken, %g disturbed", e.retaken,
           e.disturbed);
    /* 95 % of differences of two processes lie within 1.96 root 2 deviations. */
    const double floor = expm1(1.96 * sqrt(2.0 * (PLACEMENT * PLACEMENT + MEDIAN * MEDIAN)));
    EXPECT(fabs(e.floor / floor - 1.0) < 0.2, "floor %g, not %g", e.floor, floor);
}

static void test_drift(void)
{
    const struct probe calm = simulate(0.0), drifting = simulate(0.1);
    const struct effect c = effect_of(&calm, PROBE_COMPUTE, 0.01);
    const struct effect d = effect_of(&drifting, PROBE_COMPUTE, 0.01);
    EXPECT(fabs(log1p(d.drift) - 0.1) < 0.01, "drift %g", d.drift);
    EXPECT(d.compare > c.compare + 0.08, "%g with drift, %g without", d.compare, c.compare);
    EXPECT(fabs(d.ab / c.ab - 1.0) < 0.4, "a pair has no drift: %g and %g", d.ab, c.ab);
}

static void test_length(void)
{
    struct probe p = simulate(0.0);
    const struct effect e = effect_of(&p, PROBE_COMPUTE, 0.01);
    double last = INFINITY;
    for (double wanted = e.ab / 8.0; wanted < 8.0 * e.ab; wanted *= 2.0) {
        const double minutes = effect_of(&p, PROBE_COMPUTE, wanted).minutes;
        EXPECT(minutes > 0.0 && minutes < last, "%g minutes for %g, %g for half", minutes, wanted,
               last);
        last = minutes;
    }
    EXPECT(effect_of(&p, PROBE_COMPUTE, 1e-9).minutes == INFINITY, "a day shows a billionth");
    p.seconds *= 1000.0; /* a machine that has hardly time for us */
    const struct effect slow = effect_of(&p, PROBE_COMPUTE, 0.01);
    EXPECT(slow.pairs == 2 && slow.ab > 2.0 * e.ab, "%zu pairs see %g", slow.pairs, slow.ab);
}

int main(void)
{
    test_dialogue();
    test_endings();
    test_long_line();
    test_absent();
    test_cpus();
    test_effect();
    test_drift();
    test_length();
    printf("%d failures\n", failures);
    return failures != 0;
}
