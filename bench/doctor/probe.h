/* probe: the same kernels timed as A and as B. What A and B differ by is the noise of this machine.
 *
 * A pair is two processes of this program, A and B, of which one at a time takes a sample of a kernel, in the order
 * ABBA; the other sleeps. Each process has operands of its own, so that a pair differs by its placement too, as
 * two builds would. After a few rounds the next pair is started.
 */
#ifndef DOCTOR_PROBE_H
#define DOCTOR_PROBE_H

#include <stddef.h>

#include "base/status.h"

enum probe_kind {
    PROBE_COMPUTE, /* a dense layer in L2, bound by multiply-adds */
    PROBE_L1,      /* an inner product in L1, bound by loads */
    PROBE_MEMORY,  /* an inner product beyond the last cache */
    PROBE_TEAM,    /* a dense layer on all threads; left out where there is one */
    PROBE_KINDS
};
enum { PROBE_PAIRS = 128, PROBE_PAIRS_LEAST = 4 };

const char *probe_kind_name(enum probe_kind kind); /* "compute" */
const char *probe_kind_rows(enum probe_kind kind); /* "compute-bound rows" */
/* Those that can be measured here: the first so many. */
int probe_kinds(void);

struct probe_counts {
    double kept, retaken, disturbed; /* samples */
};

struct probe {
    size_t pairs;
    double seconds; /* of all pairs, their start and end included */
    /* By pair and kind, natural logarithms: time of B over that of A, the median of the rounds; nanoseconds of a call
     * in A and in B, likewise. */
    double ratio[PROBE_PAIRS][PROBE_KINDS];
    double time[PROBE_PAIRS][2][PROBE_KINDS];
    struct probe_counts counts[PROBE_KINDS];
    /* Of the processes: on a CPU, and ready to run but on none, of their main threads; involuntary switches of all
     * threads; from start to end. */
    double ran_ns, waited_ns, switches, process_seconds;
};

/* Pairs until so many seconds have passed, at least one. floats: of each vector of PROBE_MEMORY. */
enum status probe_run(struct probe *probe, double seconds, size_t floats);

/* What each process of a pair does: answers requests on its standard input. */
enum status probe_worker(size_t floats);

/* ---- what they time */

struct probe_work;
struct probe_work *probe_work_open(size_t floats); /* NULL: status_text() says why */
void probe_work_close(struct probe_work *work);
/* One sample, in nanoseconds of a call; retaken where the system disturbed it. */
double probe_work_sample(struct probe_work *work, enum probe_kind kind);
struct probe_counts probe_work_counts(const struct probe_work *work, enum probe_kind kind);

#endif
