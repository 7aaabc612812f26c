/* The contract of measure/sample.h where it does not depend on time: rounds by the plan, rivals, restarts, evidence of
 * each sample. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/par.h"
#include "expect.h"
#include "measure/sample.h"

struct work {
    double us; /* that a call takes */
    int threads;
    size_t calls, entered, left;
};

static void spin(const struct team *team, void *ctx)
{
    const struct work *w = ctx;
    (void)team;
    const double until = clock_ns(CLOCK_THREAD_CPUTIME_ID) + 1e3 * w->us;
    while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < until) {}
}

static void call(void *ctx)
{
    struct work *w = ctx;
    w->calls++;
    par_team(w->threads, spin, w);
}

static void enter(void *ctx, size_t calls)
{
    struct work *w = ctx;
    (void)calls;
    w->entered++;
}

static void leave(void *ctx)
{
    ((struct work *)ctx)->left++;
}

static struct task task_of(struct work *w, bool rival)
{
    return (struct task){.name = "work",
                         .body = call,
                         .ctx = w,
                         .threads = w->threads,
                         .rival = rival,
                         .enter = enter,
                         .leave = leave};
}

static size_t rounds(struct sampler *s)
{
    size_t n = 0;
    while (sampler_round(s)) n++;
    EXPECT(n == s->round, "%zu rounds, %zu counted", n, s->round);
    return n;
}

static bool stop_now(void)
{
    return true;
}

static void test_plans(void)
{
    static struct samples out[2];
    struct work work[2] = {{20.0, 1, 0, 0, 0}, {30.0, 1, 0, 0, 0}};
    const struct task tasks[2] = {task_of(&work[0], false), task_of(&work[1], false)};
    const struct plan calibrate = {.min_ns = 1e5};
    struct plan plan = {.budget_ns = 1e12, .min_rounds = 3, .rounds = 5};
    struct sampler s;
    sampler_open(&s, tasks, 2, &calibrate, out);
    EXPECT(rounds(&s) == 0, "rounds without a plan");
    for (int t = 0; t < 2; t++) {
        EXPECT(out[t].iterations >= 1 && out[t].iterations <= 6, "%zu calls of %g us make 100 us",
               out[t].iterations, work[t].us);
        EXPECT(work[t].entered == work[t].left && work[t].entered > 0,
               "entered %zu times, left %zu", work[t].entered, work[t].left);
    }
    const size_t iterations = out[0].iterations;
    sampler_restart(&s, &plan);
    EXPECT(rounds(&s) == 5, "%zu rounds of 5", s.round);
    plan.rounds = 2 * SAMPLES_MAX;
    plan.target = 1e9; /* anything is precise */
    sampler_restart(&s, &plan);
    EXPECT(rounds(&s) == 4, "%zu rounds where each fourth is asked whether it is enough", s.round);
    plan.target = 0.0;
    plan.budget_ns = 0.0;
    sampler_restart(&s, &plan);
    EXPECT(rounds(&s) == 3, "%zu rounds of no time, at least 3", s.round);
    plan.tight = true;
    sampler_restart(&s, &plan);
    EXPECT(rounds(&s) == 1, "%zu rounds of no time", s.round);
    plan = (struct plan){.budget_ns = 1e12, .min_rounds = 3, .rounds = 5, .stop = stop_now};
    sampler_restart(&s, &plan);
    EXPECT(rounds(&s) == 1, "%zu rounds though it was told to stop", s.round);
    EXPECT(out[0].count == 1 && out[0].iterations == iterations, "%zu samples of %zu calls",
           out[0].count, out[0].iterations);
}

/* The slower form is sampled no further; one that is no rival is. */
static void test_rivals(void)
{
    static struct samples out[3];
    struct work work[3] = {{20.0, 1, 0, 0, 0}, {200.0, 1, 0, 0, 0}, {200.0, 1, 0, 0, 0}};
    const struct task tasks[3] = {task_of(&work[0], true), task_of(&work[1], true),
                                  task_of(&work[2], false)};
    const struct plan plan = {.min_ns = 1e4, .budget_ns = 1e12, .min_rounds = 7, .rounds = 7};
    struct sampler s;
    sampler_open(&s, tasks, 3, &plan, out);
    EXPECT(rounds(&s) == 7, "%zu rounds", s.round);
    EXPECT(out[0].count == 7 && out[1].count == RIVAL_ROUNDS && out[2].count == 7,
           "%zu, %zu, %zu samples", out[0].count, out[1].count, out[2].count);
    sampler_restart(&s, &plan);
    EXPECT(rounds(&s) == 7 && out[1].count == RIVAL_ROUNDS, "%zu samples again", out[1].count);
}

/* The CPU time of a call is that of the busiest thread, whether or not it is the caller, and of one call. */
static void lazy_caller(const struct team *team, void *ctx)
{
    if (team->id != 0 || team->size == 1) spin(team, ctx);
}

static void call_lazily(void *ctx)
{
    const struct work *w = ctx;
    par_team(w->threads, lazy_caller, ctx);
}

static void test_evidence(void)
{
    static struct samples out[2];
    struct work work[2] = {{50.0, 1, 0, 0, 0}, {50.0, 2, 0, 0, 0}};
    const struct plan plan = {.min_ns = 2e5, .budget_ns = 1e12, .min_rounds = 3, .rounds = 3};
    for (int t = 0; t < 2; t++) {
        const struct task task = {
            .name = "lazy", .body = call_lazily, .ctx = &work[t], .threads = work[t].threads};
        struct sampler s;
        sampler_open(&s, &task, 1, &plan, &out[t]);
        rounds(&s);
        EXPECT(s.cpus == (size_t)work[t].threads, "%zu CPUs of %d threads", s.cpus,
               work[t].threads);
        for (size_t i = 0; i < s.cpus; i++) EXPECT(s.cpu[i] >= 0, "on CPU %d", s.cpu[i]);
        for (size_t i = 0; i < out[t].count; i++) {
            EXPECT(out[t].cpu_ns[i] >= 5e4,
                   "%d threads, sample %zu: %g ns of CPU time in 50 us of work", work[t].threads, i,
                   out[t].cpu_ns[i]);
            EXPECT(out[t].switches[i] >= 0, "sample %zu: %ld switches", i, out[t].switches[i]);
            if (t == 0 && !out[t].disturbed)
                EXPECT(out[t].cpu_ns[i] <= 1.2 * out[t].ns[i] + 1e4,
                       "sample %zu: %g ns of CPU time in %g", i, out[t].cpu_ns[i], out[t].ns[i]);
        }
    }
    EXPECT(evidence_stolen_ns() >= 0.0, "stolen");
    EXPECT(sample_overhead_ns() > 0.0, "a clock that costs nothing");
}

int main(void)
{
    test_plans();
    test_rivals();
    test_evidence();
    printf("%d failures\n", failures);
    return failures != 0;
}
