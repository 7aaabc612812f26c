/* machines: result files as machines: the rows that all have, each machine against the first. */
#ifndef COMPARE_MACHINES_H
#define COMPARE_MACHINES_H

#include <stdio.h>

#include "compare/versions.h"
#include "measure/nodes.h"

struct machine_column {
    const struct read_file *file;
    struct interval
        speed; /* geometric mean over common rows of the first's time over this one's; the first: 1 */
    size_t
        rank; /* 1 and the number of machines that are clearly faster, their intervals wholly beyond 1 */
    double per_thread; /* geometric mean of GFLOP/s over threads; NaN where rows have no flops */
    double per_cycle;  /* the same in flops a cycle; NaN where the frequency is unknown */
    double roof_share; /* median over rows; NaN where unknown */
    size_t alone;      /* selected rows that are not in all files, or not timed in all */
};

struct machines {
    struct machine_column *column;
    size_t columns;
    const struct read_row **cell; /* rows x columns */
    size_t rows;
    size_t wrongs;      /* in any file */
    struct nodes nodes; /* of machines that are alike, on several hosts, by column; else of none */
};

/* STATUS_OS; STATUS_DATA where no selected row is timed in all files. machines_close() in any case. */
enum status machines_open(struct machines *m, const struct read_file *file, size_t files,
                          const struct selection *selection);
void machines_close(struct machines *m);

/* The matrix; verbose: every row's times too. */
void machines_terminal(FILE *out, const struct machines *m, bool verbose);
void machines_markdown(FILE *out, const struct machines *m);
/* The nodes, the slowest first, and how those that stand out are set otherwise than the one in the middle. */
void nodes_terminal(FILE *out, const struct machines *m);
void nodes_markdown(FILE *out, const struct machines *m);
json_t *nodes_json(const struct machines *m);
/* A new reference; NULL where there is no memory. */
json_t *machines_json(const struct machines *m);

#endif
