/* read_study: the record of a study as JSON (results/studies/schema.json), read from a stranger's file. */
#ifndef REPORT_READ_STUDY_H
#define REPORT_READ_STUDY_H

#include <jansson.h>

#include "base/status.h"

struct report_study {
    const char *path;
    json_t *root;
};

/* Has it all that is drawn from it, and no more than a page can hold? STATUS_DATA with a sentence where not. */
enum status read_study_check(const struct report_study *study);

/* "" and NaN where there is none of that name. */
const char *read_study_text(const json_t *from, const char *name);
double read_study_number(const json_t *from, const char *name);
/* NULL: no such series. */
const json_t *read_study_series(const json_t *root, const char *name);
/* The length of the values of a figure's axis. */
size_t read_study_axis_values(const json_t *figure, const char *axis);

#endif
