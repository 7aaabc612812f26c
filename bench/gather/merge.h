/* merge: the contexts of the shares of a run as one. */
#ifndef GATHER_MERGE_H
#define GATHER_MERGE_H

#include "report/read.h"

/* That of the first, with the earliest date, all hosts, notes and rows that missed their target, and of each roof the
 * highest. "parts" has of each share what was its own. A new reference; NULL where there is no memory. */
json_t *merge_contexts(const struct read_file *const *file, size_t files);

#endif
