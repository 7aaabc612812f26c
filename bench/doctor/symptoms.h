/* symptoms: what this machine, its settings and its other tenants do to a measurement.
 *
 * What takes time from us is judged by its share: from 0.1 % a note, from 1 % bad, since 1 % is what a row is measured
 * to. What was counted over the probe is judged by the probe alone; without one, by what Linux has counted since
 * its start. */
#ifndef DOCTOR_SYMPTOMS_H
#define DOCTOR_SYMPTOMS_H

#include "steady.h"
#include "symptom.h"
#include "system.h"

/* Counters that only grow; a negative count is unknown. */
struct moment {
    bool cpu_known;
    struct cpu_time cpu;
    double throttled;  /* periods in which the cgroup had used its quota up */
    double swapped_in; /* pages */
};
void moment_read(struct moment *m);

/* What was watched while the probe ran. */
struct watch {
    bool probed;
    struct moment from, to;
    double seconds;           /* of the probe's processes, summed */
    double ran_ns, waited_ns; /* on a CPU; ready to run but on none: of their main threads */
    double switches;          /* involuntary */
    struct steady steady;     /* parts == 0: not measured */
};

void find_power(struct symptoms *all);
void find_kernel(struct symptoms *all, const struct watch *w);
void find_cgroup(struct symptoms *all, const struct watch *w);
void find_process(struct symptoms *all); /* OpenMP's settings and this process's own */
void find_load(struct symptoms *all);    /* before the probe, which is a load itself */
void find_others(struct symptoms *all, const struct watch *w);
void find_clocks(struct symptoms *all, const struct watch *w);

/* The count of throttled periods of our cgroup, -1 where unknown. */
double cgroup_throttled(void);
/* CPUs that the quota pays for: Inf without one, -1 where unknown. */
double cgroup_quota(void);
/* That our CPUs are on, 0 where unknown. */
double cores_of_ours(void);

#endif
