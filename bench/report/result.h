/* result: the result file, in Google Benchmark's JSON schema (context, benchmarks) with our fields
 * added. */
#ifndef REPORT_RESULT_H
#define REPORT_RESULT_H

#include <jansson.h>

#include "measure/machine.h"
#include "measure/roofs.h"
#include "row.h"

struct sampling {
    size_t forks; /* of a row, at most */
    double target, budget;
    size_t resumed; /* times */
};

struct result {
    struct machine machine;
    struct roofs roofs;  /* shares are of these: of what was measured twice the higher */
    struct roofs likwid; /* likwid-bench's figures of the same; none where it was not asked */
    struct roofs before, after; /* the rows; none where they were not measured again */
    const struct row *rows;
    size_t count;
    struct sampling sampling;
    uint64_t seed;
    json_t *cluster;         /* whose part of a run of several this is (cluster/part.h); or NULL */
    bool sweep;              /* over placements */
    const char *grid, *data; /* NULL where nothing was timed: the file then describes the machine */
};

/* Whole or not at all (report/file.h); results/schema.json describes it. */
enum status result_write(const struct result *result, const char *path);
/* The same of a context and its rows: a line for each row, so that files stay small and a changed row is a changed line.
 * Takes both references. */
enum status result_write_parts(json_t *context, json_t *rows, const char *path);
/* The same test before hours are spent: can a file be made there? */
enum status result_writable(const char *path);

/* Share of the row's roof that a variant of so many nanoseconds reaches; *bound: what binds.
 * NaN where the lane has no roof. oneDNN is held to the lane that it may use. */
double roof_share(const struct roofs *roofs, const struct row *row, enum isa isa, double ns,
                  enum bound *bound);

#endif
