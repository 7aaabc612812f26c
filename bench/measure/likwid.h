/* likwid: the roofs once more by likwid-bench (https://github.com/RRZE-HPC/likwid; Debian: likwid), whose
 * loops others wrote, in assembly.
 *
 * The same traffic in the same sizes on as many threads; as here, the best of several short parts, each a run of
 * the program with a number of iterations that lasts about as long. Its load, store and copy move doubles, its
 * peak, triad ("stream") and update ("daxpy") floats; it counts the bytes that the loop reads and writes, and
 * like us not that a line is read before it is written to. Its peak has a load beside 15 multiply-adds. */
#ifndef MEASURE_LIKWID_H
#define MEASURE_LIKWID_H

#include "roofs.h"

/* How far apart two measurements of a roof may be. */
static const double LIKWID_APART = 0.15;

/* What likwid-bench makes of the roof that was measured: NaN in *theirs where it gave no figure, *missing of them, and
 * status_text() then says why. STATUS_UNAVAILABLE where it is not installed. About 10 s where nobody else is. */
enum status likwid_measure(const struct roofs *roofs, const struct roof *ours, struct roof *theirs,
                           int *missing);

#endif
