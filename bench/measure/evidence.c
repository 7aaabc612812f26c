#define _GNU_SOURCE /* RUSAGE_THREAD, sched_getcpu */
#include "evidence.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/par.h"

struct look {
    double cpu_ns, waited_ns;
    long switches;
    int cpu;
};
static struct look before[EVIDENCE_THREADS], after[EVIDENCE_THREADS];
static long process_before;

/* ---- /proc/thread-self/schedstat: each thread keeps its own open, since to open it costs as much as a call. */

static pthread_key_t schedstat;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* The key's value is the descriptor plus one: NULL is none. */
static void close_descriptor(void *value)
{
    close((int)(intptr_t)value - 1);
}

static void make_key(void)
{
    pthread_key_create(&schedstat, close_descriptor);
}

/* The second number: nanoseconds on a run queue. */
static double waited_ns(void)
{
    char text[96];
    unsigned long long waited;
    pthread_once(&once, make_key);
    intptr_t value = (intptr_t)pthread_getspecific(schedstat);
    if (value == 0) {
        value = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC) + 1;
        if (value) pthread_setspecific(schedstat, (void *)value);
    }
    const ssize_t got = value ? pread((int)value - 1, text, sizeof text - 1, 0) : 0;
    if (got <= 0) return 0.0;
    text[got] = '\0';
    return sscanf(text, "%*u %llu", &waited) == 1 ? (double)waited : 0.0;
}

/* ---- a look of each thread */

static long switches_of(int who)
{
    struct rusage usage;
    return getrusage(who, &usage) == 0 ? usage.ru_nivcsw : 0;
}

/* The CPU clock is read next to the sample. */
static void look_before(const struct team *team, void *ctx)
{
    (void)ctx;
    if (team->id >= EVIDENCE_THREADS) return;
    struct look *l = &before[team->id];
    l->switches = switches_of(RUSAGE_THREAD);
    l->waited_ns = waited_ns();
    l->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static void look_after(const struct team *team, void *ctx)
{
    (void)ctx;
    if (team->id >= EVIDENCE_THREADS) return;
    struct look *l = &after[team->id];
    l->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    l->switches = switches_of(RUSAGE_THREAD);
    l->waited_ns = waited_ns();
    l->cpu = sched_getcpu();
}

static int members(int threads)
{
    return threads < 1 ? 1 : threads < EVIDENCE_THREADS ? threads : EVIDENCE_THREADS;
}

void evidence_begin(int threads)
{
    for (int t = 0; t < members(threads); t++) {
        before[t] = after[t] = (struct look){0};
        after[t].cpu = -1; /* OpenMP may grant fewer */
    }
    par_team(threads, look_before, NULL);
    process_before = switches_of(RUSAGE_SELF);
}

struct evidence evidence_end(int threads)
{
    struct evidence e = {.preempted = switches_of(RUSAGE_SELF) != process_before};
    par_team(threads, look_after, NULL);
    for (int t = 0; t < members(threads); t++) {
        const struct look *a = &after[t], *b = &before[t];
        if (a->cpu < 0) continue;
        if (a->cpu_ns - b->cpu_ns > e.cpu_ns) e.cpu_ns = a->cpu_ns - b->cpu_ns;
        if (a->waited_ns - b->waited_ns > e.waited_ns) e.waited_ns = a->waited_ns - b->waited_ns;
        if (a->switches - b->switches > e.switches) e.switches = a->switches - b->switches;
    }
    return e;
}

size_t evidence_cpus(int threads, int cpu[EVIDENCE_THREADS])
{
    size_t n = 0;
    for (int t = 0; t < members(threads); t++)
        if (after[t].cpu >= 0) cpu[n++] = after[t].cpu;
    return n;
}

/* The eighth number of the first line, in ticks. */
double evidence_stolen_ns(void)
{
    unsigned long long ticks = 0;
    FILE *file = fopen("/proc/stat", "re");
    if (!file) return 0.0;
    if (fscanf(file, "cpu %*u %*u %*u %*u %*u %*u %*u %llu", &ticks) != 1) ticks = 0;
    fclose(file);
    return 1e9 * (double)ticks / (double)sysconf(_SC_CLK_TCK);
}
