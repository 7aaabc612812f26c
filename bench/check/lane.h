/* lane: all runs of one problem on one lane, each judged. */
#ifndef CHECK_LANE_H
#define CHECK_LANE_H

#include "engine.h"

/* What is at work while a kernel's cases are visited. */
struct work {
    const struct check_plan *plan;
    const struct kernel_spec *spec;
    struct check_tally *tally;
    enum status status;
    size_t shown[ISA_COUNT + 1]; /* failures seen so far; other libraries' last */
};

/* One problem, and the outputs of three runs of it. */
struct trial {
    struct work *work;
    const struct problem *p;
    enum care care;
    void *ref, *base, *other;
    double elements; /* of its outputs */
    bool has_ref, doubted;
};

/* Asks the oracle's bound, the words of the definition, those of runs elsewhere in memory, once more and on other numbers of
 * threads. False with *f filled and the run that failed in `where`; *seen grows. */
bool lane_run(struct trial *t, const struct kernel_set *set, struct readout *seen,
              struct finding *f, char where[96]);

#endif
