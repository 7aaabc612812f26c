/* contest: two builds compared once: pairs of processes (pairs.h), then a verdict on each lane of each row. */
#ifndef AB_CONTEST_H
#define AB_CONTEST_H

#include "ab/pairs.h"
#include "compare/verdict.h"

struct judged {
    const struct pair_row *row;
    const struct lane_pairs *lane;
    struct verdict_row verdict;
};

struct contest {
    struct pairs pairs;
    double least; /* logarithm of the smallest ratio that matters */
    /* Lanes that were paired at least twice, in the order of pairs.row. */
    struct judged *judged;
    size_t count, verdicts[CHANGE_COUNT];
    size_t unmeasured; /* rows of which no lane was */
    size_t open;       /* inconclusive lanes that may be slower by more than `least` */
    size_t wrong;      /* rows whose output in the new build is wrong */
};

/* Of a contest whose pairs are open: measures and judges. Whatever it returns, what was measured until then is judged. */
enum status contest_run(struct contest *contest);
void contest_close(struct contest *contest);

/* STATUS_WRONG where an output of the new build is, STATUS_REGRESSION where a row is slower, STATUS_INCONCLUSIVE
 * where one may be, or was not measured, or STATUS_OK. */
enum status contest_exit(const struct contest *contest);

#endif
