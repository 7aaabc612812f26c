/* machines: result files as machines, or settings of one, side by side: the rows that all columns have, each column
 * against the first, and what the difference of each row is made of (report/explain.h). */
#ifndef COMPARE_MACHINES_H
#define COMPARE_MACHINES_H

#include <stdio.h>

#include "compare/columns.h"
#include "measure/nodes.h"
#include "report/explain.h"

struct machine_column {
    /* Geometric mean over common rows of the first's time over this one's; the first: 1. */
    struct interval speed;
    /* 1 and the number of columns that are clearly faster, their intervals wholly beyond 1. */
    size_t rank;
    double per_core;   /* geometric mean of GFLOP/s over cores; NaN where rows have no flops */
    double per_cycle;  /* the same in flops a cycle; NaN where the frequency is unknown */
    bool measured;     /* the frequency, of every row; else as the system reports it */
    double roof_share; /* median over rows; NaN where unknown */
    double
        efficiency; /* speed over the ratio of threads, where they tell columns apart; else NaN */
    size_t alone;   /* selected rows that are not in all columns, or not timed in all */
    struct explanation mean; /* of its rows against the first's */
};

struct machines {
    struct columns columns;
    struct machine_column *figure; /* of each column */
    const struct read_row **cell;  /* rows x columns */
    char **key;                    /* of each row: its name without what tells columns apart */
    struct explanation *why;       /* rows x columns, against the first */
    size_t rows;
    size_t wrongs;      /* in any file */
    struct nodes nodes; /* of machines that are alike, on several hosts, by column; else of none */
};

/* STATUS_OS; STATUS_DATA where no selected row is timed in all columns. machines_close() in any case. */
enum status machines_open(struct machines *m, const struct read_file *file, size_t files,
                          const struct selection *selection, enum axis by);
void machines_close(struct machines *m);

const struct read_row *machines_cell(const struct machines *m, size_t row, size_t column);
/* Row numbers, the largest difference between `column` and the first one first; to be freed. */
size_t *machines_order(const struct machines *m, size_t column);
/* Whether its difference from the first is worth a table: of nodes that of those that stand out. */
bool machines_explains(const struct machines *m, size_t column);
/* Threads of the row in the column over those in the first. */
double machines_threads(const struct machines *m, size_t row, size_t column);

/* verbose: every row; times: each row's times too. */
void machines_terminal(FILE *out, const struct machines *m, bool verbose, bool times);
void machines_markdown(FILE *out, const struct machines *m);
/* The nodes, the slowest first, and how those that stand out are set otherwise than the one in the middle. */
void nodes_terminal(FILE *out, const struct machines *m);
void nodes_markdown(FILE *out, const struct machines *m);
json_t *nodes_json(const struct machines *m);
/* A new reference; NULL where there is no memory. */
json_t *machines_json(const struct machines *m);

/* ---- what these share */

/* "1.30"; "unknown" where it is not finite. */
const char *machines_figure(double x, int digits, char text[16]);
/* "1.30 [1.20, 1.42]". */
const char *machines_speed(const struct interval *speed, char text[48]);
/* "fma", or "fma, L2 load" where columns are bound differently. */
const char *machines_bound(const struct machines *m, size_t row, size_t column, char text[72]);
/* The column's name, its file's where nothing tells columns apart. */
const char *machines_name(const struct machines *m, size_t column);

#endif
