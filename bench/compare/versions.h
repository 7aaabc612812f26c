/* versions: two result files of one machine, held to each other row by row. */
#ifndef COMPARE_VERSIONS_H
#define COMPARE_VERSIONS_H

#include "compare/identity.h"
#include "compare/verdict.h"
#include "report/read.h"

/* Which rows are judged. */
struct selection {
    bool (*match)(const void *ctx, const struct read_row *row); /* --filter and --variant */
    bool (*named)(const void *ctx,
                  const struct read_row *row); /* by --variant: judged though a library's */
    const void *ctx;
};

/* A row that is in both files. */
struct pair {
    const struct read_row *old, *new;
    const struct verdict_row *says; /* once judged */
    bool control;                   /* a library's row whose code did not change; not judged */
};

enum where { ONLY_OLD, ONLY_NEW, UNTIMED, WHERE_COUNT };

struct versions {
    const struct read_file *old, *new;
    struct pair *pair;       /* timed in both: judged ones and controls; pair i is row i */
    struct verdict_row *row; /* as many, then those of calibration runs */
    size_t pairs, rows;
    /* Selected rows without a verdict. */
    const struct read_row **rest[WHERE_COUNT];
    size_t rests[WHERE_COUNT];
    const struct read_row **wrong; /* in NEW, selected or not */
    size_t wrongs;
    struct pair *changed; /* a library's rows whose implementation is another: no controls */
    size_t changes;
    const struct pair *
        *order; /* judged: regressed, improved, inconclusive, unchanged; the largest change first */
    size_t judged, count[CHANGE_COUNT];
    size_t open; /* inconclusive rows that may be slower by more than `least` */
    struct noise noise;
    double least; /* the change that matters, a log */
    struct differences machine, settings;
};

/* Pairs of calibration runs are files 0 and 1, 1 and 2, ... */
struct calibration {
    const struct read_file *file;
    size_t files;
};

/* STATUS_OS alone can fail. versions_close() in any case. */
enum status versions_open(struct versions *v, const struct read_file *old,
                          const struct read_file *new, const struct selection *selection);
enum status versions_judge(struct versions *v, const struct calibration *calibration, double least);
void versions_close(struct versions *v);

/* 2 a wrong result in NEW; 1 a regression; 3 inconclusive rows that may be slower by more than `least`, or no row with
 * a verdict; else 0. */
enum status versions_status(const struct versions *v);

#endif
