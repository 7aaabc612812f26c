/* evidence: what the operating system says of each thread of a team about one sample, read by the threads
 * themselves in a region of their own before the clock starts and in another after it has stopped. One
 * sample at a time in a process. */
#ifndef MEASURE_EVIDENCE_H
#define MEASURE_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>

enum { EVIDENCE_THREADS = 1024 }; /* of larger teams the first so many */

/* The most of any thread. */
struct evidence {
    double cpu_ns;    /* CPU time */
    double waited_ns; /* ready to run, but on no CPU; 0 where Linux does not say */
    long switches;    /* involuntary context switches */
    bool preempted;   /* any thread of the process, of the team or not, had one */
};

void evidence_begin(int threads);
struct evidence evidence_end(int threads);
/* The CPUs that the team's threads were on at the last evidence_end(); how many are known. */
size_t evidence_cpus(int threads, int cpu[EVIDENCE_THREADS]);

/* By the hypervisor from the whole machine, since its start; 0 where Linux does not say. */
double evidence_stolen_ns(void);

#endif
