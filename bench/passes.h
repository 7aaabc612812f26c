/* passes: a run of `hinge bench` as processes. A pass is one process (`hinge worker`) that visits rows one after the
 * other in random order. Processes are the statistical unit: the first passes visit every row, later ones those whose
 * interval is still wider than the target, the widest where not all can be paid for, until each has met it or the
 * budget is spent. The oracle is asked in the first pass; later processes must write the same words. A process that
 * dies, or in which a call does not return (call.h), costs the row that it was at: that is noted, and another goes on. */
#ifndef BENCH_PASSES_H
#define BENCH_PASSES_H

#include "journal.h"
#include "rows.h"

/* At least so many processes a row, where the budget allows, and --forks. */
enum { LEAST_FORKS = 3 };

struct passes {
    const struct arguments *arguments;
    char **argv; /* of a worker */
    struct rows *rows;
    struct journal *journal;
    double begun, until; /* of the monotonic clock; a run that goes on has begun earlier */
    double reserve;      /* seconds that the run still needs after the last pass */
    bool (*stop)(void);
    enum status status; /* STATUS_WRONG, or why a row could not be opened */
};

/* Returns when all is done, or stop() says so. Not STATUS_OK where no worker can be started. */
enum status passes_run(struct passes *p);

#endif
