/* record: the three answers of a worker about one row, as one more fork of that row. They come from a worker or from a
 * journal: whatever they hold, a row stays a row. */
#ifndef WORKER_RECORD_H
#define WORKER_RECORD_H

#include <jansson.h>

#include "row.h"

/* {"opened": .., "sampled": .., "closed": .., "seconds": all that it took}, as in answers.h, or
 * {"died": how, "variant": that ran, "" where unknown}. The first fork of a row says which variants it has.
 * STATUS_DATA names what is not as it should be, and the row may then be half changed. */
enum status record_take(struct row *row, const json_t *visit);

/* The same in the other direction: what is to be asked of a worker. */
json_t *record_open_request(const struct row *row);

#endif
