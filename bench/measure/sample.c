#define _GNU_SOURCE
#include "sample.h"

#include <math.h>
#include <sys/resource.h>
#include <time.h>

#include "stats.h"

static const double RETAKE_NS = 1e7;

static double clock_ns(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static long switches(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nivcsw;
}

double sample_overhead_ns(void)
{
    enum { TIMES = 1001 };
    double seen[TIMES];
    for (size_t i = 0; i < TIMES; i++) {
        const double from = clock_ns(CLOCK_MONOTONIC);
        seen[i] = clock_ns(CLOCK_MONOTONIC) - from;
    }
    return stats_median(seen, TIMES);
}

static double once(const struct task *t, size_t iterations, bool *disturbed, double *cpu_ns)
{
    if (t->enter) t->enter(t->ctx);
    const long before = switches();
    const double cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID), from = clock_ns(CLOCK_MONOTONIC);
    for (size_t i = 0; i < iterations; i++) t->body(t->ctx);
    const double wall = clock_ns(CLOCK_MONOTONIC) - from;
    const double used = *cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
    /* The CPU clock is read outside the wall clock: a microsecond of slack beside the 1 %. */
    *disturbed = switches() != before || (t->threads <= 1 && wall > 1.01 * used + 1000.0);
    if (t->leave) t->leave(t->ctx);
    return wall;
}

static size_t calibrate(const struct task *t, double min_ns)
{
    bool disturbed;
    double cpu_ns;
    /* The first call warms up; where it is long, that is all that is asked of it. */
    if (once(t, 1, &disturbed, &cpu_ns) > RETAKE_NS) return 1;
    size_t iterations = 1;
    for (;;) {
        const double wall = once(t, iterations, &disturbed, &cpu_ns);
        if (wall >= min_ns || iterations > (size_t)1 << 30) return iterations;
        /* Ten times at the most: the first calls are slower than those that follow. */
        const double grow = wall > 0.0 ? 1.1 * min_ns / wall : 10.0;
        iterations = (size_t)ceil((double)iterations * (grow < 10.0 ? grow : 10.0));
    }
}

void sampler_open(struct sampler *s, const struct task *task, size_t tasks, const struct plan *plan,
                  struct samples *out)
{
    *s = (struct sampler){task, out, *plan, tasks, 0, plan->seed, 0.0};
    if (s->plan.rounds > SAMPLES_MAX) s->plan.rounds = SAMPLES_MAX;
    for (size_t t = 0; t < tasks; t++) {
        out[t].iterations = calibrate(&task[t], plan->min_ns);
        out[t].retaken = out[t].disturbed = 0;
        out[t].cpu_ns = 0.0;
    }
}

static void shuffle(uint64_t *random, size_t order[], size_t n)
{
    for (size_t i = 0; i < n; i++) order[i] = i;
    for (size_t i = n; i > 1; i--) {
        *random = *random * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
        const size_t j = (size_t)((*random >> 33) % i), kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}

static bool fulfilled(const struct sampler *s)
{
    if (s->round >= s->plan.rounds) return true;
    if (s->round < s->plan.min_rounds) return false;
    if (s->spent_ns >= s->plan.budget_ns) return true;
    if (s->round % 4) return false;
    for (size_t t = 0; t < s->tasks; t++) {
        const double *ns = s->out[t].ns;
        const double spread = stats_mad(ns, s->round) / stats_median(ns, s->round);
        if (spread / sqrt((double)s->round) > s->plan.target) return false;
    }
    return true;
}

bool sampler_round(struct sampler *s)
{
    size_t order[TASKS_MAX];
    if (fulfilled(s)) return false;
    const double from = clock_ns(CLOCK_MONOTONIC);
    shuffle(&s->random, order, s->tasks);
    for (size_t i = 0; i < s->tasks; i++) {
        struct samples *out = &s->out[order[i]];
        bool disturbed = true;
        double wall = 0.0, cpu_ns = 0.0;
        /* A sample of many milliseconds is seldom left alone: taking it again would only eat the budget. */
        for (int take = 0; disturbed && take <= RETAKES && (take == 0 || wall < RETAKE_NS);
             take++) {
            out->retaken += take > 0;
            wall = once(&s->task[order[i]], out->iterations, &disturbed, &cpu_ns);
        }
        out->disturbed += disturbed;
        out->cpu_ns += cpu_ns / (double)out->iterations;
        out->ns[s->round] = wall / (double)out->iterations;
    }
    s->round++;
    s->spent_ns += clock_ns(CLOCK_MONOTONIC) - from;
    return true;
}
