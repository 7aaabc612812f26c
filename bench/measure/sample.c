#include "sample.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"
#include "stats.h"

static const double RETAKE_NS = 1e7;
/* One per cent of the shortest samples, which last 0.1 ms. */
static const double GRAIN_NS = 1e3;
/* A form whose best of RIVAL_ROUNDS is so much above another's is not the fastest. */
static const double RIVAL_LIMIT = 1.2;

/* Only then does a thread of a team that is on a run queue owe that to others. */
static bool waits_actively(void)
{
    const char *policy = getenv("OMP_WAIT_POLICY");
    return policy && strcasecmp(policy, "active") == 0;
}

double sample_grain_ns(void)
{
    enum { TIMES = 5, SPINS = 100000000 }; /* some seconds, of a clock that stands */
    double grain = INFINITY;
    for (int i = 0; i < TIMES; i++) {
        const double from = clock_ns(CLOCK_MONOTONIC);
        double to = from;
        for (int spin = 0; to <= from && spin < SPINS; spin++) to = clock_ns(CLOCK_MONOTONIC);
        if (to > from) grain = fmin(grain, to - from);
    }
    return grain;
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

enum status sample_clock_check(void)
{
    const double grain = sample_grain_ns();
    /* One that is slow to read, as under an emulator, is another matter. */
    if (grain <= fmax(GRAIN_NS, 2.0 * sample_overhead_ns())) return STATUS_OK;
    return fail(STATUS_UNAVAILABLE,
                "the clock goes on in steps of %.4g us: too coarse for samples of 0.1 ms; `hinge "
                "doctor --no-probe` says which clock it is",
                1e-3 * grain);
}

struct taken {
    double wall_ns;
    struct evidence evidence;
    bool disturbed;
};

/* The evidence is taken outside the wall clock: a microsecond of slack beside the 1 %. */
static bool is_disturbed(const struct task *t, const struct taken *taken)
{
    const struct evidence *e = &taken->evidence;
    const bool waited = e->waited_ns > 0.01 * taken->wall_ns + 1000.0;
    if (t->threads > 1) return e->preempted || (waited && waits_actively());
    return e->switches > 0 || waited || taken->wall_ns > 1.01 * e->cpu_ns + 1000.0;
}

static struct taken once(const struct task *t, size_t iterations)
{
    struct taken taken;
    if (t->enter) t->enter(t->ctx, iterations);
    evidence_begin(t->threads);
    const double from = clock_ns(CLOCK_MONOTONIC);
    for (size_t i = 0; i < iterations; i++) t->body(t->ctx);
    taken.wall_ns = clock_ns(CLOCK_MONOTONIC) - from;
    taken.evidence = evidence_end(t->threads);
    taken.disturbed = is_disturbed(t, &taken);
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
    *s = (struct sampler){.task = task, .out = out, .tasks = tasks};
    for (size_t t = 0; t < tasks; t++) out[t].iterations = calibrate(&task[t], plan->min_ns);
    sampler_restart(s, plan);
    s->spent_ns = clock_ns(CLOCK_MONOTONIC) - from;
}

void sampler_restart(struct sampler *s, const struct plan *plan)
{
    s->plan = *plan;
    s->random = plan->seed;
    s->round = 0;
    s->spent_ns = s->last_ns = s->stolen_ns = 0.0;
    s->stolen_first_ns = evidence_stolen_ns();
    if (s->plan.rounds > SAMPLES_MAX) s->plan.rounds = SAMPLES_MAX;
    for (size_t t = 0; t < s->tasks; t++)
        s->out[t].count = s->out[t].retaken = s->out[t].disturbed = 0;
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
    const size_t step = p->step > 1 ? p->step : 1;
    const bool between = s->round % step == 0;
    const double next_ns = s->last_ns * (double)(between ? step : 1);
    const bool fits = s->spent_ns + next_ns <= p->budget_ns;
    if (s->round < p->min_rounds || !between) return p->tight && !fits;
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
    out->switches[out->count] = taken.evidence.switches;
    out->cpu_ns[out->count] = taken.evidence.cpu_ns / (double)out->iterations;
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
    const double stolen = fmax(evidence_stolen_ns() - s->stolen_first_ns, s->stolen_ns);
    for (size_t i = 0; i < n; i++) {
        struct samples *out = &s->out[order[i]];
        if (stolen > s->stolen_ns && is_long(out) && out->disturbed < out->count) out->disturbed++;
    }
    s->stolen_ns = stolen;
    s->cpus = evidence_cpus(s->task->threads, s->cpu);
    s->round++;
    s->last_ns = clock_ns(CLOCK_MONOTONIC) - from;
    s->spent_ns += s->last_ns;
    return true;
}
