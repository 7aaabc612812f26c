/* context: the machine, the build and the roofs as the `context` object of a result file: Google
 * Benchmark's fields, then ours. What cannot be read is the string "unknown". */
#ifndef REPORT_CONTEXT_H
#define REPORT_CONTEXT_H

#include <jansson.h>

#include "measure/machine.h"
#include "measure/roofs.h"

/* Goes up when a field changes its meaning or goes away; results/schema.json describes this one, and those before. */
enum { SCHEMA_VERSION = 2 };

/* New references. */
json_t *context_json(const struct machine *machine, const struct roofs *roofs);
json_t *roofs_json(const struct roofs *roofs);

/* JSON has no NaN and no infinity: null. */
json_t *json_number(double x);

#endif
