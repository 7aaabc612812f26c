/* report: counts as a person reads them, in a terminal of 100 columns or as Markdown in a pull request. */
#ifndef COUNT_REPORT_H
#define COUNT_REPORT_H

#include "count/compare.h"

enum report_style { REPORT_TEXT, REPORT_MARKDOWN };

/* What differs from the baseline, then one sentence of how many did; where nothing is compared, or `all`, every count, the
 * lanes side by side. */
void report_print(FILE *out, const struct comparison *c, enum report_style style, bool all);

/* JSON, whole or not at all (report/file.h); results/count-schema.json describes it. */
enum status report_json(const struct comparison *c, uint64_t seed, const char *path);

#endif
