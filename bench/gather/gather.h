/* gather: the files of the shares of one run as the file that one process would have written. Both kinds refuse, with a
 * sentence that names the files, what is no share, shares of different runs, builds or machines, one that stands
 * twice, and those that are missing; nothing is written then. */
#ifndef GATHER_GATHER_H
#define GATHER_GATHER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "cluster/share.h"

/* Each share's file among `paths`, NULL where there is none yet. */
struct gathered {
    size_t count;
    const char **path; /* of share i + 1 */
};
/* A file of that share. The first says how many there are. STATUS_DATA where it is of another number of shares, or
 * another file is there already. */
enum status gathered_add(struct gathered *g, const char *path, const struct cluster_share *share);
/* STATUS_NO_INPUT where shares are missing: names them, with the journal of one that has not ended. */
enum status gathered_whole(const struct gathered *g);
void gathered_free(struct gathered *g);
/* Of printable characters alone: a name that may go to a terminal. */
bool gathered_is_name(const char *name);

/* Result files of `hinge bench --share`. STATUS_WRONG, once all is written, where a row is wrong. Rows that their shares
 * left out are told on the standard error. */
enum status gather_results(char *const *paths, size_t count, const char *out);
/* Files of rows of `hinge study --share`. */
enum status gather_ledgers(char *const *paths, size_t count, const char *out);

#endif
