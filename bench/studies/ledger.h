/* ledger: rows of numbers in a text file that grows row by row while they come in: what a run that is killed leaves,
 * and what it goes on from.
 *
 *   # hinge rows 1: WHICH RUN                 a ledger of one run is not taken for that of another
 *   what,COLUMN,...
 *   KEY,NUMBER,...                            17 digits, from which the same double is read; "nan", "inf"
 *   # complete
 *
 * A row is written by one call at the end of the file, whole or not at all, from any thread; the first of each second
 * takes those before it to the disk. A last line without its end is what a loss of power may leave: it is dropped, and a
 * head of one line is written anew.
 */
#ifndef STUDIES_LEDGER_H
#define STUDIES_LEDGER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "cluster/share.h"

#define LEDGER_MAGIC "# hinge rows "
#define LEDGER_COMPLETE "# complete\n"
/* Behind WHICH RUN, of one of several processes: `hinge gather` makes one ledger of theirs. */
#define LEDGER_SHARE ", share %zu/%zu"

enum { JOURNAL_FIELDS = 16, JOURNAL_KEY = 256 };

struct ledger_row {
    char key[JOURNAL_KEY];
    double value[JOURNAL_FIELDS];
};

struct ledger_plan {
    const char *path;           /* NULL: nothing is kept */
    bool resume;                /* go on with the file that is there */
    const char *run;            /* which run: one line */
    struct cluster_share share; /* whose rows of it: count 0: all */
    const char *columns;        /* their names: "a,b" */
    size_t fields;              /* so many columns, at most JOURNAL_FIELDS */
};

struct ledger {
    struct ledger_plan plan;
    struct ledger_row *row; /* those that were read, by key */
    size_t count;
    int fd;
    bool complete;
    double synced; /* on the monotonic clock */
    pthread_mutex_t lock;
};

/* STATUS_NO_OUTPUT, also where another run that still goes on has it; STATUS_DATA where what is there is no such file, names
 * the line; STATUS_USAGE where it is that of another run, or of an unfinished one that is not to be resumed. Then there is
 * nothing to close. */
enum status ledger_open(struct ledger *j, const struct ledger_plan *plan);
/* The numbers of that row in the file that was resumed; NULL: none. */
const double *ledger_find(const struct ledger *j, const char *key);
/* key: of printable characters without a comma. From any thread. */
enum status ledger_append(struct ledger *j, const char *key, const double *value);
/* All rows are there. */
enum status ledger_complete(struct ledger *j);
void ledger_close(struct ledger *j);

#endif
