/* effect: the smallest difference that a run on this machine can tell from nothing, as the probe has it.
 *
 * A run is RUN_SECONDS long and has RUN_ROWS rows. `ab` pairs the processes of two builds; its estimate is the mean of
 * the pairs' log-ratios. `compare` sets the processes of one run against those of another: the spread between
 * processes does not cancel, and what the machine drifts by from one run to the next is not reduced by more
 * processes. The probe knows the drift from its first half to its second: runs that are hours apart may drift further.
 */
#ifndef DOCTOR_EFFECT_H
#define DOCTOR_EFFECT_H

#include "probe.h"

enum { RUN_SECONDS = 60, RUN_ROWS = 10, RUN_MOST = 20 };

/* Shares of a time, 0.01 is 1 %; found in four runs of five by a test that cries wolf in one of twenty. */
struct effect {
    size_t pairs, processes; /* of a row in a run: of `ab`; on each side of `compare` */
    double ab, ab_most;      /* as estimated; at the upper 95 % bound of the noise */
    double compare, compare_most;
    double drift;              /* that compare has beyond the spread of processes */
    double floor;              /* by how much one pair of equal builds is apart, 95 % of pairs */
    double retaken, disturbed; /* shares of the samples */
    double minutes; /* that such a run of `ab` needs for min_effect; Inf: more than a day */
};

/* pairs >= PROBE_PAIRS_LEAST. */
struct effect effect_of(const struct probe *probe, enum probe_kind kind, double min_effect);

#endif
