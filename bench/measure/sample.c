#define _GNU_SOURCE
#include "sample.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "stats.h"

static const double RETAKE_NS = 1e7;
/* A form whose best of RIVAL_ROUNDS is so much above another's is not the fastest. */
static const double RIVAL_LIMIT = 1.2;

/* Of a team: of all threads of the process, since those that wait for us are not switched. */
static long switches(int threads)
{
    struct rusage usage;
    getrusage(threads > 1 ? RUSAGE_SELF : RUSAGE_THREAD, &usage);
    return usage.ru_nivcsw;
}

/* The eighth number of the first line of /proc/stat; 0 where there is none. */
static double stolen_ns(void)
{
    unsigned long long ticks = 0;
    FILE *file = fopen("/proc/stat", "r");
    if (!file) return 0.0;
    if (fscanf(file, "cpu %*u %*u %*u %*u %*u %*u %*u %llu", &ticks) != 1) ticks = 0;
    fclose(file);
    return 1e9 * (double)ticks / (double)sysconf(_SC_CLK_TCK);
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

struct taken {
    double wall_ns, cpu_ns;
    bool disturbed;
    long switches;
};

static struct taken once(const struct task *t, size_t iterations)
{
    struct taken taken;
    if (t->enter) t->enter(t->ctx, iterations);
    const long before = switches(t->threads);
    const double cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID), from = clock_ns(CLOCK_MONOTONIC);
    for (size_t i = 0; i < iterations; i++) t->body(t->ctx);
    taken.wall_ns = clock_ns(CLOCK_MONOTONIC) - from;
    taken.cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
    taken.switches = switches(t->threads) - before;
    /* The CPU clock is read outside the wall clock: a microsecond of slack beside the 1 %. */
    const bool waited = t->threads <= 1 && taken.wall_ns > 1.01 * taken.cpu_ns + 1000.0;
    taken.disturbed = taken.switches > 0 || waited;
    if (t->leave) t->leave(t->ctx);
    return taken;
}

static size_t calibrate(const struct task *t, double min_ns)
{
    const size_t most = t->most_iterations ? t->most_iterations : (size_t)1 << 30;
    /* The first call warms up; where it is long, that is all that is asked of it. */
    if (once(t, 1).wall_ns > RETAKE_NS) return 1;
    size_t iterations = 1;
    for (;;) {
        const double wall = once(t, iterations).wall_ns;
        if (wall >= min_ns || iterations >= most) return iterations;
        /* Ten times at the most: the first calls are slower than those that follow. */
        const double grow = wall > 0.0 ? 1.1 * min_ns / wall : 10.0;
        iterations = (size_t)ceil((double)iterations * (grow < 10.0 ? grow : 10.0));
        if (iterations > most) iterations = most;
    }
}

void sampler_open(struct sampler *s, const struct task *task, size_t tasks, const struct plan *plan,
                  struct samples *out)
{
    const double from = clock_ns(CLOCK_MONOTONIC);
    *s = (struct sampler){
        .task = task, .out = out, .plan = *plan, .tasks = tasks, .random = plan->seed};
    s->stolen_first_ns = stolen_ns();
    if (s->plan.rounds > SAMPLES_MAX) s->plan.rounds = SAMPLES_MAX;
    for (size_t t = 0; t < tasks; t++) {
        const size_t iterations = calibrate(&task[t], plan->min_ns);
        out[t].count = out[t].retaken = out[t].disturbed = 0;
        out[t].switches = 0;
        out[t].cpu_ns = 0.0;
        out[t].iterations = iterations;
    }
    s->spent_ns = clock_ns(CLOCK_MONOTONIC) - from;
}

static void shuffle(uint64_t *random, size_t order[], size_t n)
{
    for (size_t i = n; i > 1; i--) {
        *random = *random * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
        const size_t j = (size_t)((*random >> 33) % i), kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}

/* Rivals that the first rounds have shown to be slower. */
static bool fell_out(const struct sampler *s, size_t t)
{
    return s->out[t].count < s->round;
}

static bool is_slow_rival(const struct sampler *s, size_t t)
{
    double best = INFINITY;
    if (!s->task[t].rival || s->round != RIVAL_ROUNDS) return false;
    for (size_t i = 0; i < s->tasks; i++)
        if (s->task[i].rival) best = fmin(best, stats_min(s->out[i].ns, RIVAL_ROUNDS));
    return stats_min(s->out[t].ns, RIVAL_ROUNDS) > RIVAL_LIMIT * best;
}

static bool precise(const struct sampler *s)
{
    for (size_t t = 0; t < s->tasks; t++) {
        const double *ns = s->out[t].ns;
        if (fell_out(s, t)) continue;
        const double spread = stats_mad(ns, s->round) / stats_median(ns, s->round);
        if (spread / sqrt((double)s->round) > s->plan.target) return false;
    }
    return true;
}

static bool fulfilled(const struct sampler *s)
{
    const struct plan *p = &s->plan;
    if (s->round == 0) return p->rounds == 0;
    if (s->round >= p->rounds || (p->stop && p->stop())) return true;
    const bool fits = s->spent_ns + s->last_ns <= p->budget_ns;
    if (s->round < p->min_rounds) return p->tight && !fits;
    return !fits || (s->round % 4 == 0 && precise(s));
}

static bool is_long(const struct samples *out)
{
    return out->ns[out->count - 1] * (double)out->iterations >= RETAKE_NS;
}

/* A sample of many milliseconds is seldom left alone: taking it again would only eat the budget. */
static void take(const struct task *t, struct samples *out)
{
    struct taken taken = once(t, out->iterations);
    for (int again = 0; taken.disturbed && again < RETAKES && taken.wall_ns < RETAKE_NS; again++) {
        out->retaken++;
        taken = once(t, out->iterations);
    }
    out->disturbed += taken.disturbed;
    out->switches += taken.switches;
    out->cpu_ns += taken.cpu_ns / (double)out->iterations;
    out->ns[out->count++] = taken.wall_ns / (double)out->iterations;
}

bool sampler_round(struct sampler *s)
{
    size_t order[TASKS_MAX], n = 0;
    if (s->tasks == 0 || fulfilled(s)) return false;
    const double from = clock_ns(CLOCK_MONOTONIC);
    for (size_t t = 0; t < s->tasks; t++)
        if (!fell_out(s, t) && !is_slow_rival(s, t)) order[n++] = t;
    shuffle(&s->random, order, n);
    for (size_t i = 0; i < n; i++) take(&s->task[order[i]], &s->out[order[i]]);
    const double stolen = stolen_ns() - s->stolen_first_ns;
    for (size_t i = 0; i < n; i++) {
        struct samples *out = &s->out[order[i]];
        if (stolen > s->stolen_ns && is_long(out) && out->disturbed < out->count) out->disturbed++;
    }
    s->stolen_ns = stolen;
    s->round++;
    s->last_ns = clock_ns(CLOCK_MONOTONIC) - from;
    s->spent_ns += s->last_ns;
    return true;
}
