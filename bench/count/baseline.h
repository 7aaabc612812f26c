/* baseline: counts that are kept in a file, such as results/instructions.csv.
 *
 * CSV: a head "compiler,case,lane,threads,instructions", then a row for each count, sorted. No field holds a comma. The
 * counts of one build say nothing of another's: `compiler` is all of its name, version, flags and the C library's version.
 */
#ifndef COUNT_BASELINE_H
#define COUNT_BASELINE_H

#include "count/rows.h"

enum { BASELINE_COMPILER = 512 };

struct baseline_row {
    char compiler[BASELINE_COMPILER], name[192];
    enum isa isa;
    int threads;
    uint64_t instructions;
};

struct baseline {
    struct baseline_row *at; /* sorted */
    size_t count, room;
};

/* Whole or not at all. STATUS_NO_INPUT where it cannot be read, STATUS_DATA with the line that is wrong. */
enum status baseline_read(struct baseline *b, const char *path);
void baseline_free(struct baseline *b);

/* This build, as in the first column. STATUS_UNAVAILABLE where its flags are too long to be told apart. */
enum status baseline_compiler(char compiler[BASELINE_COMPILER]);

/* NULL where there is none. */
const struct baseline_row *baseline_find(const struct baseline *b, const char *compiler,
                                         const struct count_row *row);

/* Takes out the rows for which drop(row, ctx) is true; adds one, behind the others, until baseline_write() sorts them. */
void baseline_drop(struct baseline *b,
                   bool (*drop)(const struct baseline_row *row, const void *ctx), const void *ctx);
enum status baseline_add(struct baseline *b, const struct baseline_row *row);
enum status baseline_write(struct baseline *b, const char *path);

#endif
