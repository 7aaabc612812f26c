/* journal: rows of numbers in a text file that grows row by row while they come in: what a run that is killed leaves,
 * and what it goes on from.
 *
 *   # hinge rows 1: WHICH RUN                 a journal of one run is not taken for that of another
 *   what,COLUMN,...
 *   KEY,NUMBER,...                            17 digits, from which the same double is read; "nan", "inf"
 *   # complete
 *
 * A row is written by one call at the end of the file, whole or not at all, from any thread; the first of each second
 * takes those before it to the disk. A last line without its end is what a loss of power may leave: it is dropped.
 */
#ifndef STUDIES_JOURNAL_H
#define STUDIES_JOURNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

enum { JOURNAL_FIELDS = 16, JOURNAL_KEY = 256 };

struct journal_row {
    char key[JOURNAL_KEY];
    double value[JOURNAL_FIELDS];
};

struct journal_plan {
    const char *path;    /* NULL: nothing is kept */
    bool resume;         /* go on with the file that is there */
    const char *run;     /* which run: one line */
    const char *columns; /* their names: "a,b" */
    size_t fields;       /* so many columns, at most JOURNAL_FIELDS */
};

struct journal {
    struct journal_plan plan;
    struct journal_row *row; /* those that were read, by key */
    size_t count;
    int fd;
    bool complete;
    double synced; /* on the monotonic clock */
    pthread_mutex_t lock;
};

/* STATUS_NO_OUTPUT; STATUS_DATA where what is there is no such file, names the line; STATUS_USAGE where it is that of
 * another run, or of an unfinished one that is not to be resumed. Then there is nothing to close. */
enum status journal_open(struct journal *j, const struct journal_plan *plan);
/* The numbers of that row in the file that was resumed; NULL: none. */
const double *journal_find(const struct journal *j, const char *key);
/* key: of printable characters without a comma. From any thread. */
enum status journal_append(struct journal *j, const char *key, const double *value);
/* All rows are there. */
enum status journal_complete(struct journal *j);
void journal_close(struct journal *j);

#endif
