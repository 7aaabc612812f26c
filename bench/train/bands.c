#include "train/bands.h"

#include <math.h>

struct band band_of(const double *step, const double *x, size_t n, size_t ld)
{
    const double from = 0.75 * step[n - 1];
    struct band b = {.start = x[0], .lo = INFINITY, .hi = -INFINITY, .tau = NAN};
    double sum = 0.0;
    size_t first = n;
    while (first > 0 && step[first - 1] >= from) {
        const double at = x[--first * ld];
        sum += at;
        b.lo = fmin(b.lo, at);
        b.hi = fmax(b.hi, at);
    }
    if (n - first < BAND_RECORDS) {
        b.level = b.lo = b.hi = NAN;
        return b;
    }
    b.level = sum / (double)(n - first);
    b.settled = b.hi - b.lo <= BAND_WIDTH * b.level;
    const double way = fabs(b.level - b.start);
    if (!(way > b.hi - b.lo)) return b;
    size_t there = n - 1;
    while (there > 0 && fabs(x[(there - 1) * ld] - b.level) <= way / M_E) there--;
    b.tau = step[there];
    return b;
}
