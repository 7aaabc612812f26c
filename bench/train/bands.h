/* bands: where a number that is recorded over steps settles, and how fast.
 *
 *   level    the mean of its records in the last quarter of the steps; lo and hi the least and the greatest there
 *   settled  hi - lo is at most BAND_WIDTH of the level: the band is narrow
 *   moved    |level - start| is more than hi - lo, start being the record of step 0: it went somewhere
 *   tau      where it moved, the first recorded step from which on no more than 1/e of the way |level - start| is left;
 *            the rate is 1 / tau. Else NaN. As exact as the records lie close.
 *
 * An x that goes to its level as exp(-step / T) has tau T, up to the next record and what of the way is left at the end.
 */
#ifndef TRAIN_BANDS_H
#define TRAIN_BANDS_H

#include <stdbool.h>
#include <stddef.h>

#define BAND_WIDTH 0.05
enum {
    BAND_RECORDS = 4
}; /* in the last quarter; with fewer there is no band, and all numbers but start are NaN */

struct band {
    double start, level, lo, hi;
    double tau; /* steps */
    bool settled;
};

/* Of n >= 1 records, the first of step 0; x of record i at x[i * ld]. */
struct band band_of(const double *step, const double *x, size_t n, size_t ld);

#endif
