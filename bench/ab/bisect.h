/* bisect: which commit made a row slower. */
#ifndef AB_BISECT_H
#define AB_BISECT_H

#include "ab/checkout.h"
#include "ab/contest.h"

struct bisect {
    const char *good, *bad; /* revisions */
    /* Opens the pairs of old beside new, each the path of a hinge, and sets what else a contest needs. */
    enum status (*open)(struct contest *contest, const char *old, const char *new, void *ctx);
    void *ctx;
    bool (*stop)(void);
};

/* Compares good and bad, then good and the commit in the middle on the rows that are slower in bad, and so on; tells
 * each step on the standard output. A contest that can say nothing is made again with more time, then the
 * commit is left out. STATUS_REGRESSION: the commit, or the few commits that could not be told apart, were printed.
 * STATUS_OK: bad is no slower. STATUS_INCONCLUSIVE: that could not be told. */
enum status bisect_run(const struct bisect *bisect);

#endif
