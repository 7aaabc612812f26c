/* stable: the band of initial scales from which a training is stable.
 *
 * A scale is stable where no loss stopped being finite and the accuracy after training is at least
 *
 *   chance + STABLE_SHARE (best - chance)
 *
 * best being the highest accuracy over all scales, chance that of telling the most frequent class. The band is the
 * stretch of neighbouring stable scales around the best one (the first of several). Its edges lie where the line between
 * the last stable scale and the next, in the logarithm of the scale, crosses that accuracy; a scale whose loss stopped
 * being finite counts as chance there. Where the band reaches the first or the last scale, that is its edge, and it is
 * open there: it may reach further. Where not even the best is half way from chance to 1, nothing was trained, and there
 * is no band.
 */
#ifndef INIT_VARIANCE_STABLE_H
#define INIT_VARIANCE_STABLE_H

#include <stdbool.h>
#include <stddef.h>

#define STABLE_SHARE 0.9

struct stable {
    double lower, upper, best; /* scales; NaN where an accuracy is, or nothing was trained */
    bool open_below, open_above;
};

/* Of n >= 1 ascending positive scales; finite[i]: the training from scale[i] ended with a finite loss. */
struct stable stable_band(const double *scale, const double *accuracy, const bool *finite, size_t n,
                          double chance);

#endif
