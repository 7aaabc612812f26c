/* show: a comparison of versions as a person or a program reads it. */
#ifndef COMPARE_SHOW_H
#define COMPARE_SHOW_H

#include <stdbool.h>
#include <stdio.h>

#include "check/junit.h"
#include "compare/versions.h"

/* For a terminal. Rows that changed and the first of the inconclusive ones; verbose: every row and name, with the
 * evidence of ranks and of the bootstrap. */
void show_terminal(FILE *out, const struct versions *v, bool verbose);
/* For a pull request: a line of counts, a table of rows that changed, the rest folded. Names from files cannot break
 * out of their cell. */
void show_markdown(FILE *out, const struct versions *v);
/* A test case a row: regressed and wrong ones fail, those without a verdict are skipped. */
void show_junit(struct junit *junit, const struct versions *v);
/* A new reference; NULL where there is no memory. */
json_t *show_json(const struct versions *v);

/* ---- what they share, also with machines.h */

/* A path as a JSON string, which must be UTF-8. */
json_t *show_path(const char *path);
/* Of a field each: {"field", "old", "new"}. */
json_t *show_differences(const struct differences *d);
/* "+5.2 %" of a logarithm; "?" where it is not finite. */
const char *show_change(double log_ratio, char text[24]);
/* "[+4.1, +6.3]". */
const char *show_interval(double lo, double hi, char text[48]);
/* One sentence each, no newline: what calibrates the verdicts; how small a change the rows could show. */
void show_noise(FILE *out, const struct versions *v);
void show_power(FILE *out, const struct versions *v);
/* "3 regressed, 1 improved, ... of 100 rows". */
void show_counts(FILE *out, const struct versions *v);
/* "commit d92886762925 and uncommitted changes, 2026-11-26T06:30:06Z, 120 rows". */
void show_file(FILE *out, const struct read_file *file);
/* Why a row of versions.rest has no verdict. */
const char *show_rest(enum where where);
/* In Markdown: <code>text</code> that names nobody and is no markup. */
void show_code(FILE *out, const char *text);
/* The bootstrap's interval of the row, logs; NaN where a side has one process. */
struct interval show_bootstrap(const struct pair *p);

#endif
