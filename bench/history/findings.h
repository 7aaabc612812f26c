/* findings: the changes that matter of a history, in the order in which they came. */
#ifndef HISTORY_FINDINGS_H
#define HISTORY_FINDINGS_H

#include <math.h>

#include "base/status.h"
#include "history/history.h"

struct event {
    const struct track *track;
    const struct shift *shift;
    size_t before, after; /* the runs of the history on either side of it */
    bool slower, last;    /* last: of those of its row */
    bool
        library_too; /* of other code: a library's row changed the same way between the same runs */
};

/* A row of too few runs for a change: its last run against the median of those before. No verdict. */
struct glimpse {
    const struct track *track;
    double by;
};

struct findings {
    const struct history *history;
    double least;  /* log of a ratio: the interval of a change that matters lies wholly beyond it */
    int64_t since; /* no earlier change; INT64_MIN */
    struct event *at;
    size_t count, smaller,
        earlier;             /* changes that are left out as not beyond least; as before since */
    struct glimpse *glimpse; /* the largest first */
    size_t glimpses, tested, single; /* rows; single: of one run */
};

/* Finds the changes of h. */
enum status findings_open(struct findings *f, struct history *h, double least, int64_t since);
void findings_close(struct findings *f);

/* Rows of our own code whose last change is a slowdown. */
size_t findings_regressions(const struct findings *f);

#endif
