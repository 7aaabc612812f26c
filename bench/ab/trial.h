/* trial: two builds compared once: pairs of processes (pairs.h), then a verdict on each lane of each row. */
#ifndef AB_TRIAL_H
#define AB_TRIAL_H

#include "ab/pairs.h"
#include "compare/verdict.h"

struct judged {
    const struct pair_row *row;
    const struct lane_pairs *lane;
    struct verdict_row verdict;
};

struct trial {
    struct pairs pairs;
    double least; /* logarithm of the smallest ratio that matters */
    /* Lanes that were paired at least twice, in the order of pairs.row. */
    struct judged *judged;
    size_t count, verdicts[CHANGE_COUNT];
    size_t unmeasured; /* rows of which no lane was */
    size_t open;       /* inconclusive lanes that may be slower by more than `least` */
    size_t wrong;      /* rows whose output in the new build is wrong */
};

/* Of a trial whose pairs are open: measures and judges. Whatever it returns, what was measured until then is judged. */
enum status trial_run(struct trial *trial);
void trial_close(struct trial *trial);

/* STATUS_WRONG where an output of the new build is, STATUS_REGRESSION where a row is slower, STATUS_INCONCLUSIVE
 * where one may be, or was not measured, or STATUS_OK. */
enum status trial_exit(const struct trial *trial);

#endif
