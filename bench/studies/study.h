/* study: a paper carried out as a workload, and what its code records.
 *
 * A study declares its claims before anything is measured: what each says, where it is from, and the bounds
 * that the measured number must lie in. Its code then measures, and records the outcome of each claim, named
 * arrays (series) and the figures that show them; what is recorded is copied. A claim without an outcome is out
 * of reach, for the reason that ended the run. All calls are the main thread's.
 */
#ifndef STUDIES_STUDY_H
#define STUDIES_STUDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "cluster/share.h"
#include "kernel.h"
#include "measure/stats.h"
#include "report/svg.h"

enum study_size { STUDY_SMOKE, STUDY_DEFAULT, STUDY_PAPER, STUDY_SIZES };

/* Both belong to it. -INFINITY or INFINITY: open on that side. */
struct bounds {
    double lo, hi;
};

struct claim {
    const char *id; /* "P1-3": at most 7 characters */
    const char *text;
    const char *source; /* "abstract", "figure 2", "derived" */
    struct bounds expected;
};

struct study_run;

/* One row of studies.h. */
struct study {
    const char *name, *title;
    const char *source; /* authors, year, where */
    const struct claim *claims;
    size_t claim_count;
    double seconds[STUDY_SIZES]; /* expected of the whole run */
    /* Returns early where study_interrupted(). What is recorded before a failure counts. */
    enum status (*run)(struct study_run *run);
    /* Of its options in study_options: the first that was given, NULL where none was; and whether they ask for another
     * run than that of its claims. NULL: it has no options. */
    const char *(*given)(void);
    bool (*own)(void);
    bool keeps_rows; /* in study_rows() */
    /* What it prints behind its claims; NULL: nothing. */
    void (*print)(FILE *out, const struct study_run *run);
};

/* ---- what was asked for */

enum study_size study_size(const struct study_run *run);
uint64_t study_seed(const struct study_run *run);
int study_threads(const struct study_run *run);
const struct kernel_set *study_kernels(const struct study_run *run);
/* Where rows are to be kept (studies/ledger.h), NULL: nowhere; and whether to go on with those that are there. */
const char *study_rows(const struct study_run *run);
bool study_resumes(const struct study_run *run);
/* Which of the rows are this process's; count 0: all. Claims are another's, that has all rows. */
struct cluster_share study_share(const struct study_run *run);
/* The build: a commit and a compiler. */
void study_build(const struct study_run *run, char *text, size_t size);

/* ---- progress: on a terminal alone, with the time left */

/* done of total, in any unit that grows with time. */
void study_progress(struct study_run *run, double done, double total, const char *what);
/* Ctrl-C: return soon. */
bool study_interrupted(const struct study_run *run);

/* ---- claims */

enum claim_verdict { CONFIRMED, REFUTED, OUT_OF_REACH };

/* NaN is out of reach; an infinity refutes even open bounds. */
enum claim_verdict claim_judge(struct bounds expected, double measured);

struct outcome {
    struct interval measured;      /* over draws, as of stats_mean(); lo, hi NaN: none */
    size_t samples;                /* draws behind it */
    const struct bounds *expected; /* of this size; NULL: the claim's own */
    const char *note;              /* NULL: none */
};

/* `id` is one of the study's claims; a second outcome replaces the first. */
void study_claim(struct study_run *run, const char *id, const struct outcome *outcome);
/* One number that no draws stand behind, such as a largest deviation over `samples` checks. */
void study_claim_value(struct study_run *run, const char *id, double measured, size_t samples,
                       const char *note);
void study_out_of_reach(struct study_run *run, const char *id, const char *why);

/* ---- series and figures. Names are of a-z, 0-9, - and _, each given once */

struct series {
    const char *name;
    const char *x_name, *x_unit, *y_name, *y_unit; /* a unit may be NULL: a pure number */
    const double *x, *y;
    const double *lo, *hi; /* of y, 95 %; NULL: none */
    size_t count;
};
void study_series(struct study_run *run, const struct series *series);

struct figure_curve {
    const char *series; /* recorded before */
    const char *label;  /* in the legend; NULL: not there */
    enum svg_style style;
    size_t colour; /* as of struct svg_curve */
};
struct figure {
    const char *title;
    struct svg_axis x, y; /* a label may be NULL: name and unit of the first curve's series */
    const struct figure_curve *curves;
    size_t count;
};
void study_figure(struct study_run *run, const char *name, const struct figure *figure);
void study_heat(struct study_run *run, const char *name, const struct svg_heat *heat);

/* ---- tables, printed above the claims. Numbers, each row with a label */

struct study_table {
    const char *name, *title;   /* a name as of series */
    const char *label;          /* what the labels are: "network" */
    const char *const *columns; /* as short as the numbers below them */
    size_t column_count;
    const char *const *labels; /* of the rows */
    const double *cells;       /* row by row; NaN: none */
    size_t rows;
};
void study_table(struct study_run *run, const struct study_table *table);

#endif
