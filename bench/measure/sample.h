/* sample: competing tasks timed in one interleaved run.
 *
 * A round takes one sample of each task, in random order; sample i of every task belongs to round
 * i, so that ratios are taken in pairs. A sample is `iterations` calls, calibrated to last at least
 * min_ns. A sample that the operating system disturbed is taken again, at once, at most RETAKES
 * times, unless it lasted over 10 ms: those are kept and counted as disturbed. Disturbed means an
 * involuntary context switch on any thread of the process; more than 1 % of the sample ready to run
 * but on no CPU, on any thread of the team; on a single thread also wall time over its CPU time by as
 * much; on a sample of over 10 ms also time that the hypervisor took from the machine in its round
 * (/proc/stat counts that in hundredths of a second).
 */
#ifndef MEASURE_SAMPLE_H
#define MEASURE_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "evidence.h"

struct task {
    const char *name;
    void (*body)(void *ctx);
    void *ctx;
    int threads; /* more than one: waiting for the team may sleep, so wall over CPU time proves
                    nothing; nor, unless OMP_WAIT_POLICY is active, does time on a run queue */
    bool rival;  /* several forms of one thing, of which the fastest counts: a form that is clearly
                    slower than another after RIVAL_ROUNDS is not sampled further */
    size_t most_iterations; /* in a sample; 0: no limit */
    /* Before a sample of so many calls and after it, outside the clock; may be NULL. */
    void (*enter)(void *ctx, size_t calls);
    void (*leave)(void *ctx);
};

enum { SAMPLES_MAX = 256, TASKS_MAX = 16, RETAKES = 8, RIVAL_ROUNDS = 3 };

struct samples {
    double ns[SAMPLES_MAX];     /* of one call, by round */
    double cpu_ns[SAMPLES_MAX]; /* CPU time of one call, the most of any thread of the team */
    long switches[SAMPLES_MAX]; /* involuntary, in the sample, the most of any thread of the team */
    size_t count;               /* rounds sampled: all, but for a rival that fell out */
    size_t iterations;          /* calls in a sample */
    size_t retaken;             /* samples thrown away and taken again */
    size_t disturbed;           /* kept though disturbed */
};

struct plan {
    double min_ns;             /* least length of a sample */
    double budget_ns;          /* for all rounds of these tasks, warming up included */
    size_t min_rounds, rounds; /* at least and at most; rounds <= SAMPLES_MAX */
    size_t step;               /* rounds are taken in groups of so many; 0: each alone */
    bool tight;    /* the budget binds even before min_rounds: one round, then only what fits */
    double target; /* stop when each task's relative MAD / sqrt(rounds) is below this */
    uint64_t seed; /* of the order */
    bool (*stop)(void); /* asked before each round but the first; may be NULL */
};

struct sampler {
    const struct task *task;
    struct samples *out;
    struct plan plan;
    size_t tasks, round;
    uint64_t random;
    double spent_ns, last_ns; /* in all; in the last round */
    double stolen_ns,
        stolen_first_ns;       /* by the hypervisor, since the start; what was counted then */
    int cpu[EVIDENCE_THREADS]; /* that the team of the last sample was on */
    size_t cpus;
};

/* Warms up and calibrates every task, within the plan's budget. tasks <= TASKS_MAX. */
void sampler_open(struct sampler *s, const struct task *task, size_t tasks, const struct plan *plan,
                  struct samples *out);
/* Rounds by another plan, as calibrated: the samples so far are forgotten. */
void sampler_restart(struct sampler *s, const struct plan *plan);
/* One round; false when the plan is fulfilled and nothing was done. */
bool sampler_round(struct sampler *s);

/* The least that the clock goes on by. */
double sample_grain_ns(void);
/* STATUS_UNAVAILABLE where that is too much for samples. */
enum status sample_clock_check(void);

/* Nanoseconds of an empty sample: what the clock itself costs. */
double sample_overhead_ns(void);

#endif
