/* read: a result file as plain structs: of hinge (schema 1 and 2) or of Google Benchmark itself.
 *
 * Files of strangers: whatever they hold, the answer is a struct or a sentence that names the file and what is
 * wrong in it. STATUS_NO_INPUT: missing, unreadable, not a regular file. STATUS_DATA: larger than READ_BYTES_MAX or of
 * more than READ_VALUES_MAX values, both counted before anything is parsed, which bounds memory by about 1 GiB;
 * not JSON (with line and column; a key that stands twice, NaN and numbers beyond a double included); JSON of
 * something else; a schema that is not known; a row without what it must have; times that are not positive or are over
 * READ_NS_MAX; names that stand twice.
 *
 * A file of Google Benchmark: its rows of one run_name are the samples of one row, of one process; real time counts,
 * aggregates are left out. Control characters in texts are read as spaces: no name can steer a terminal.
 */
#ifndef REPORT_READ_H
#define REPORT_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "measure/stats.h"

enum { READ_BYTES_MAX = 64 << 20, READ_VALUES_MAX = 8000000, READ_FORKS_MAX = 1024 };
#define READ_NS_MAX 1e18 /* 32 years */

enum read_state {
    READ_TIMED,
    READ_WRONG,  /* an error in a check or a crash: it has no time */
    READ_UNTIMED /* not sampled, or oneDNN without an implementation worth a comparison */
};

struct read_row {
    const json_t *json; /* the row, or the first of its rows in a file of Google Benchmark */
    /* "" where the file does not say. */
    const char *name, *kernel, *variant, *impl, *isa, *cache, *bound_by, *roof, *level;
    size_t case_length; /* of name: all but the variant */
    int threads;
    double scale, flops, bytes, roof_share; /* NaN where the file does not say */
    enum read_state state;
    const char *error; /* NULL where timed */
    bool fell_out;     /* a form of oneDNN that was clearly slower than another: few samples */
    struct interval vs_onednn; /* > 1: this row is faster; NaN where there is none */
    const char *vs_onednn_impl;
    /* Nanoseconds of one call: `count[f]` of process f, one process after the other. A process may have none. */
    size_t forks, samples;
    size_t *count;
    double *ns;
    double *log_median; /* of each process with samples, `medians` of them */
    size_t medians;
    double median; /* exp of their mean; NaN where not timed */
};

struct read_file {
    const char *path; /* the caller's */
    json_t *root;
    const json_t *context;
    int schema; /* 0: Google Benchmark's own */
    struct read_row *row;
    size_t rows;
};

/* On failure *file holds nothing. */
enum status read_file(const char *path, struct read_file *file);
/* The same of `bytes` of text in memory, which `path` names. */
enum status read_bytes(const char *path, const char *text, size_t bytes, struct read_file *file);
void read_free(struct read_file *file);

/* A row of oneDNN or of another library: code that hinge does not own. */
bool read_is_library(const struct read_row *row);

/* Of the context: "unknown" and NaN where it does not say. "openmp.places" reaches into an object. */
const char *read_context_text(const struct read_file *file, const char *name);
double read_context_number(const struct read_file *file, const char *name);
/* Neither left out nor null nor "unknown". */
bool read_is_known(const json_t *value);

#endif
