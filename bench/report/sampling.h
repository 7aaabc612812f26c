/* sampling: how the rows of a result were sampled, and which missed the target, as fields of the file's context. */
#ifndef REPORT_SAMPLING_H
#define REPORT_SAMPLING_H

#include <jansson.h>

#include "result.h"

/* The row's name in the file: case, threads and variant. */
void variant_name(const struct row *row, const struct variant *v, char name[256]);
/* Sampled to the end, and its interval is wider than the target. */
bool variant_missed(const struct result *result, const struct row *row, const struct variant *v);

void set_sampling(json_t *context, const struct result *result);

#endif
