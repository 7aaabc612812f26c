/* calibrate: what the machine does to code that did not change, from the rows of which that is known.
 *
 * Of such rows each case gives one mean, since its rows share operands; at least CALIBRATE_CASES cases are needed.
 *
 *   drift   the median over cases of how far they moved. Rows are judged by what is left.
 *   spread  the standard deviation of a normal part that every row moves by beside what its processes explain: the
 *           least with which 98 % of the rows (all, of fewer than 49) lie within their own interval of that level, and
 *           half of them within that of 50 %. Of bare rows, of which no processes are known, it is all they move by.
 *   floor   95 % of rows move by less for this reason: the least change that these two runs can show.
 *
 * With fewer cases the drift is taken as zero. Its standard deviation is then that of the drifts of calibration runs;
 * without those, one that puts 95 % within CALIBRATE_DEFAULT, and nothing is known of bare rows. Pairs that were
 * taken in one run have no drift.
 */
#ifndef COMPARE_CALIBRATE_H
#define COMPARE_CALIBRATE_H

#include <stdbool.h>
#include <stddef.h>

#include "compare/change.h"

enum {
    CALIBRATE_CASES = 6,
    /* Degrees of freedom of the spread at most, for its tails, which are heavier than a normal's. Of a busy machine's
     * single processes one in thirty ran several times slower than the others. */
    CALIBRATE_TAILS = 8,
    CALIBRATE_BARE_TAILS = 3
};
/* A guess on the safe side: runs of one build, minutes apart on a busy virtual machine, drifted by 0.7 to 1.3 %; hours
 * and other tenants may do more. */
#define CALIBRATE_DEFAULT 0.05

struct spread {
    double sd, freedom, floor;
    size_t rows; /* that it comes from; 0: nothing is known */
};

struct noise {
    size_t controls, cases; /* of the comparison itself */
    size_t runs;            /* pairs of calibration runs */
    bool assumed;           /* neither was enough */
    double drift, drift_variance, drift_freedom;
    struct spread bare, forked;
};

/* False where there is no memory. */
bool calibrate(const struct verdict_row *row, const struct change *change, size_t rows,
               struct noise *noise);

#endif
