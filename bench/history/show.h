/* history/show: what was found, as a person or a program reads it. */
#ifndef HISTORY_SHOW_H
#define HISTORY_SHOW_H

#include <stdbool.h>
#include <stdio.h>

#include "history/findings.h"

/* Changes by the runs between which they came, then what was covered; verbose: every row of two runs and more. */
void history_terminal(FILE *out, const struct findings *f, bool verbose);
/* For a pull request or a page. Names from files cannot break out of their cell. */
void history_markdown(FILE *out, const struct findings *f);
/* A new reference; NULL where there is no memory. Levels are nanoseconds, changes ratios of new over old. */
json_t *history_json(const struct findings *f);

/* ---- what they share */

enum { DATE_TEXT = 32, SPARK_WIDTH = 24, SPARK_TEXT = 3 * SPARK_WIDTH + 1, COMMIT_TEXT = 24 };
/* "2026-11-26 06:30Z". */
const char *history_when(int64_t date, char text[DATE_TEXT]);
/* The first 12 characters, "+" behind it where there were uncommitted changes. */
const char *history_commit(const struct run *run, char text[COMMIT_TEXT]);
/* A bar for each run, or for as many in turn as there is room for: from the fastest, low, to the slowest. */
const char *history_spark(const struct track *t, char text[SPARK_TEXT]);
/* All settings of two runs, chosen or not. */
void history_differs(const struct run *old, const struct run *new, struct differences *d);
/* The level before and after, in nanoseconds: medians. */
void history_levels(const struct event *found, double *before, double *after);
/* "AMD EPYC, 2 CPUs": of a setup. */
void history_machine(FILE *out, const struct run *run);
/* Sentences: how many runs, rows and changes; what could not be tested. No newline. */
void history_covered(FILE *out, const struct findings *f);

#endif
