/* proof: that the verdicts of `hinge ab` can be trusted on this machine, by runs whose right verdict is known. */
#ifndef AB_PROOF_H
#define AB_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct proof {
    size_t runs;
    double seconds; /* of a run */
    uint64_t seed;
};

/* This build beside itself over a hundred rows, so many times; tells each run. STATUS_OK where at most 1 % of all
 * verdicts are slower or faster and at most one run of twenty has one that is slower; STATUS_WRONG else. */
enum status proof_aa(const struct proof *proof);

/* Ten rows, of which one drawn at random makes a share of its calls twice: 5 %, then 2 %, so many runs each.
 * STATUS_OK where in 19 runs of 20 the row with 5 % is called slower, and a row with 2 % is never called unchanged, nor one
 * without faster or slower in more than one run of twenty; STATUS_WRONG else. */
enum status proof_power(const struct proof *proof);

#endif
