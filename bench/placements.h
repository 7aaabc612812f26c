/* placements: what a sweep over placements has shown of a variant.
 *
 * A process's value of a placement is the median of its samples there. The best of sixteen noisy values is too good:
 * so a process's best is its value at the placement that is best in the median of all other processes, and likewise
 * its worst. These, the median over placements and the ratio of worst to best are then taken over processes as times are
 * (forks.h). A single process chooses from what it measures, and has no interval.
 */
#ifndef BENCH_PLACEMENTS_H
#define BENCH_PLACEMENTS_H

#include "row.h"

struct placements {
    size_t forks;             /* that sampled it at every placement */
    double ns[PLACEMENTS];    /* of a call at each: the median over these forks */
    size_t best_at, worst_at; /* by that */
    struct interval best, median, worst, spread; /* spread: worst over best, at least about 1 */
};

/* False, and nothing is known, where no process was at every placement, or memory is short. */
bool placements_of(const struct variant *variant, struct placements *out);

#endif
