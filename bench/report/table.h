/* table: rows of a run as a person reads them in a terminal of 100 columns. */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include <stdio.h>

#include "report/result.h"

/* Time, GFLOP/s, share of the roof, ratio to oneDNN with interval, error: a line per variant. */
void table_times(FILE *out, const struct result *r);
/* What the scale does to the signal, and what subnormals cost: a line per chain and scale. Nothing
 * where no row has a signal. */
void table_signals(FILE *out, const struct result *r);
/* Geometric means against oneDNN, best, worst and every loss; what was retaken, wrong or left out.
 */
void table_summary(FILE *out, const struct result *r);

/* "1.23 us" in 8 columns. */
const char *human_time(double ns, char text[16]);

#endif
