/* pairs: two builds measured side by side.
 *
 * A pair is one fresh process of each build. It visits rows in random order; in a visit both have the row open and
 * take samples in turn, old new new old or the other way round, so that what happens to the machine happens to
 * both. A block of four gives one logarithm of new over old; a pair gives a lane the median of its blocks: that is one
 * independent value, since placement in memory is drawn anew with the processes.
 */
#ifndef AB_PAIRS_H
#define AB_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "worker/child.h"

enum side_of { OLD, NEW, SIDES };

struct side {
    const char *label;   /* what the user called it */
    const char *program; /* the hinge that is run */
    char **argv;         /* of its worker */
    struct child child;
    char commit[72], compiler[72], onednn[72]; /* what it said of itself */
};

enum { PAIRS_MOST = 64, LANES_MOST = 6 };

struct lane_pairs {
    char name[24];
    double log_ratio[PAIRS_MOST];     /* time of new over time of old, one a pair */
    double log_ns[SIDES][PAIRS_MOST]; /* of one call, the median of the pair's samples */
    size_t pairs;
};

struct pair_row {
    char name[192]; /* the case's */
    int threads;
    struct lane_pairs lane[LANES_MOST];
    size_t lanes;
    json_t *words[SIDES]; /* by lane: what the oracle found right; NULL before the first visit */
    bool other_words;     /* the builds' outputs differ, both right */
    double
        plant; /* the share of calls that the new build makes twice; 0, but to test the verdict */
    bool out;  /* it is visited no more: note or wrong says why */
    bool done; /* as precise as asked for */
    char wrong[320]; /* the new build's output failed the check */
    char note[200];
    double seconds; /* that its last visit took */
};

struct pairs {
    struct side side[SIDES];
    struct pair_row *row;
    size_t rows;
    unsigned isas;  /* lanes that are compared */
    double target;  /* half width of a lane's 95 % interval at which it needs no more pairs */
    double seconds; /* that pairs_run() may take */
    double until;   /* of the monotonic clock: when it is over */
    uint64_t seed;
    size_t pairs;       /* begun */
    size_t only[SIDES]; /* rows that the other build does not have */
    bool (*stop)(void);
    void (*progress)(const struct pairs *pairs, const struct pair_row *row);
};

/* Starts both builds once and matches their rows; fills row, rows, only and what the sides say of themselves.
 * STATUS_UNAVAILABLE where one is no hinge with a worker, STATUS_USAGE where no row is in both. */
enum status pairs_open(struct pairs *pairs);
/* Pairs until every lane has its precision, the time is over or stop() says so. What was measured stays whatever it
 * returns. */
enum status pairs_run(struct pairs *pairs);
void pairs_close(struct pairs *pairs);

#endif
