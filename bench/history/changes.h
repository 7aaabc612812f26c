/* changes: where the level of a series of runs changed, and by how much.
 *
 * A split of a stretch of runs is tested by Mann and Whitney's U: ranks alone, so that neither a few wild runs nor the
 * distribution of the noise matters (the change-point model of Hawkins and Deng, "A nonparametric change-point control
 * chart", Journal of Quality Technology 42(2), 2010). The stretches are those of seeded binary segmentation (Kovacs,
 * Buehlmann, Li, Munk, Biometrika 110(1), 2023) with a decay of 1/2: the whole, and halves, quarters, ... that overlap
 * by half, so that a change undone later is seen too. Nothing is drawn: the same runs give the same answer.
 *
 * The p of a series is its least p of a split times the number of splits (Bonferroni): valid however stretches overlap.
 * Over series, those whose p Benjamini and Hochberg admit at `rate` are opened; in an opened one a split counts whose
 * p holds at rate x opened / series (Benjamini and Bogomolov, JRSS B 76(1), 2014, "Selective inference on multiple
 * families of hypotheses"). A series too short to hold any change is no part of this count: that depends on its length
 * alone (Tarone, Biometrics 46(2), 1990). Of splits that count, the one in the shortest stretch is taken first
 * (narrowest over threshold: Baranowski, Chen, Fryzlewicz, JRSS B 81(3), 2019), then those in stretches without a
 * change so far; at last each moves to where it parts its two neighbours best.
 *
 * Assumed: without a change, runs are exchangeable: a machine that drifts has changes; and rows depend on each other
 * positively, if at all, as Benjamini and Hochberg's proof has it. U's p is exact below 50 runs a side without ties,
 * else normal, whose tails are the heavier ones of the two.
 */
#ifndef HISTORY_CHANGES_H
#define HISTORY_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/stats.h"

enum { CHANGES_SIDE = 3, CHANGES_MAX = 64 }; /* runs on each side of a split, at least */
#define CHANGES_RATE 0.05

struct shift {
    size_t at;          /* the first run after it */
    size_t from, until; /* the runs of the levels before and after: from..at-1, at..until-1 */
    /* Of the logs, after less before: Hodges and Lehmann's median of all differences, and their 95 % interval by U's
     * normal distribution (Hollander and Wolfe, Nonparametric Statistical Methods, 4.3). */
    struct interval by;
    double p; /* of the split that found it, times the number of splits of its series */
};

struct series {
    const double *log; /* one value a run, in the order of time */
    size_t runs;
    double p; /* NaN: too short to show a change */
    struct shift shift[CHANGES_MAX];
    size_t shifts; /* in the order of time */
};

/* Whether a series of so many runs can show a change at all. */
bool changes_possible(size_t runs);

/* Fills p and shifts of all. False where there is no memory. */
bool changes_find(struct series *series, size_t count);

#endif
