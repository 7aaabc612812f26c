/* table: rows of a run as a person reads them in a terminal of 100 columns. */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include <stdio.h>

#include "report/result.h"

void table_roofs(FILE *out, const struct roofs *roofs);
/* What likwid-bench measured beside it; nothing where it measured nothing. */
void table_likwid(FILE *out, const struct roofs *ours, const struct roofs *theirs);
/* The machine and its roofs. */
void table_head(FILE *out, const struct result *r);
/* Time, GFLOP/s, share of the roof, ratio to oneDNN with interval, error: a line per lane, and one
 * for oneDNN's fastest form. Of the scales of a chain the one nearest to He's; verbose: all, and
 * every form. */
void table_times(FILE *out, const struct result *r, bool verbose);
/* What the scale does to the signal, and what subnormals cost. Scales of a chain that differ in
 * nothing but the gain share a line. Nothing where no row has a signal. */
/* Of a run with --placement sweep. */
void table_placements(FILE *out, const struct result *result);
void table_scales(FILE *out, const struct result *r);
/* Geometric means against oneDNN, best, worst and losses; what was retaken, wrong or left out, and
 * what missed the target. */
void table_summary(FILE *out, const struct result *r);

/* "1.23 us" in 8 columns. */
const char *human_time(double ns, char text[16]);

#endif
