/* index: what history needs of result files, in a SQLite database, so that a file is read once.
 *
 * It is a cache: whatever it holds can be had from the files again, and is where a file's device, inode, size or times
 * are others. It lies in $XDG_CACHE_HOME/hinge/history.db (~/.cache where that is unset), not beside the runs, which
 * may be kept in git or be read-only. One of another version of hinge, or one that SQLite finds damaged, is made anew;
 * a file that is no index of hinge is left alone where it was named. All is one transaction: two at once wait for each
 * other. Where no database can be written, the files are read into memory, and a note says so.
 */
#ifndef HISTORY_INDEX_H
#define HISTORY_INDEX_H

#include <regex.h>
#include <stdbool.h>

#include "base/status.h"
#include "history/history.h"
#include "history/sources.h"

struct index_request {
    const char *path; /* NULL: the place above */
    bool anew;        /* forget what it holds */
    const struct sources *sources;
    const regex_t *filter; /* of the rows' names; NULL: all */
};

/* All of `h` but the shifts; to be freed after failure too. STATUS_DATA, STATUS_NO_INPUT: a file that was named is no
 * result file, or no file is one. */
enum status index_history(const struct index_request *request, struct history *h);

#endif
