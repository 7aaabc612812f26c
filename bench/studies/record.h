/* record: what a run of a study has recorded, and what becomes of it. */
#ifndef STUDIES_RECORD_H
#define STUDIES_RECORD_H

#include <stdio.h>

#include "measure/machine.h"
#include "studies/study.h"

struct recorded_claim {
    struct bounds expected;
    struct interval measured;
    size_t samples;
    enum claim_verdict verdict;
    bool found; /* its outcome was recorded */
    char *note; /* NULL: none */
};

struct recorded_figure {
    char *name;
    bool is_heat;
    struct figure lines;
    struct svg_heat heat;
};

struct study_run {
    const struct study *study;
    enum study_size size;
    uint64_t seed;
    int threads;
    const struct kernel_set *kernels;
    const char *rows; /* a file; NULL: none */
    bool resumes;
    struct cluster_share share;
    struct machine machine; /* date: when it started */

    struct recorded_claim *claims; /* one for each of the study's */
    struct series *series;
    size_t series_count;
    struct recorded_figure *figures;
    size_t figure_count;
    struct study_table *tables;
    size_t table_count;
    bool no_memory; /* something could not be recorded */

    double began, shown; /* on the monotonic clock: the run, the last line of progress */
    double seconds;      /* that the run took */
};

enum status record_open(struct study_run *run);
void record_close(struct study_run *run);
/* Of record_close(): series, figures, tables. */
void record_free_shown(struct study_run *run);
/* A copy; NULL for NULL, and where memory is short, which the run then knows. */
char *record_text(struct study_run *run, const char *text);
/* NULL: no such series. */
const struct series *record_series(const struct study_run *run, const char *name);
/* Runs the study between both ends of the clock; claims without an outcome then say why. */
enum status record_run(struct study_run *run);

const char *study_size_name(enum study_size size);
const char *claim_verdict_name(enum claim_verdict verdict);
/* "2 s", "4 min", "1.5 h". */
const char *human_seconds(double seconds, char text[16]);
/* The line of progress leaves the terminal. */
void progress_clear(void);

/* ---- what is made of a record */

/* The tables one below another, each as wide as its numbers, up to 100 columns. */
void tables_print(FILE *out, const struct study_run *run);
/* Claims, one below another, in 100 columns; then how many of each verdict. */
void claims_table(FILE *out, const struct study_run *run);
/* Whole or not at all (report/file.h); results/studies/schema.json describes it. */
enum status study_json_write(const struct study_run *run, const char *path);
/* One SVG for each figure into a folder that is there. */
enum status figures_write(const struct study_run *run, const char *folder);

#endif
