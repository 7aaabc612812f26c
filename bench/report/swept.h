/* swept: what a sweep over placements adds to a row of the result file. */
#ifndef REPORT_SWEPT_H
#define REPORT_SWEPT_H

#include <jansson.h>

#include "row.h"

/* `placed`: the placement of each sample; `sweep`: best, median and worst, where a process was at every placement. */
void set_sweep(json_t *to, const struct row *row, const struct variant *variant);

#endif
