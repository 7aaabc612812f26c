/* sweep: many independent jobs, one a thread, the long ones first; those that are large take all threads, one after
 * the other.
 *
 * What a job does must not depend on the number of threads that it is given. A job may need one that stands before it,
 * such as a student its teacher: it starts when that one is done.
 */
#ifndef STUDIES_SWEEP_H
#define STUDIES_SWEEP_H

#include "studies/study.h"

#define SWEEP_NONE SIZE_MAX

struct sweep_job {
    double seconds; /* about, on one thread: for the order and the time left */
    bool wide;      /* takes all threads */
    size_t needs;   /* the job before it that it needs, which needs none itself; or SWEEP_NONE */
};

struct sweep_worker; /* what carries out one job */

struct sweep {
    struct study_run *run;
    const char *what; /* in the line of progress */
    const struct sweep_job *job;
    size_t count;
    /* Carries out job i, unless sweep_at() ends it early; a failure ends the sweep. */
    enum status (*work)(size_t i, struct sweep_worker *worker, void *ctx);
    void *ctx;
};

/* STATUS_OK though interrupted; else the first failure, whose sentence is then this thread's last. */
enum status sweep_run(const struct sweep *sweep);

/* The threads that a job may take. A worker may be NULL here: one thread, that nothing stops. */
int sweep_threads(const struct sweep_worker *worker);
/* So many of the job's seconds are done since the last call. True where it is to end: the run was interrupted, or
 * another job failed. */
bool sweep_at(struct sweep_worker *worker, double seconds);
bool sweep_stopped(const struct sweep_worker *worker);

#endif
