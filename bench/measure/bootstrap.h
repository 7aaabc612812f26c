/* bootstrap: the interval of a change between two groups of processes by resampling, without a distribution.
 *
 * Hierarchical: processes are drawn again with replacement, then the samples of each. Of few processes the plain
 * percentile interval is too narrow; the quantiles are therefore those of Hesterberg's expanded interval ("What
 * teachers should know about the bootstrap", The American Statistician 69(4), 2015, section 4.2).
 */
#ifndef MEASURE_BOOTSTRAP_H
#define MEASURE_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "stats.h"

/* The samples of some processes, one process after the other. */
struct forks {
    const double *ns;    /* positive */
    const size_t *count; /* of each process, >= 1 */
    size_t forks;
};

/* The change from a to b, mean over processes of log(median of its samples), and its 95 % interval from
 * `resamples` draws; the same seed gives the same. Fewer than two processes on a side give none: NaN, as does a
 * lack of memory. */
struct interval bootstrap_change(struct forks a, struct forks b, size_t resamples, uint64_t seed);

#endif
