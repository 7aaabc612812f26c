/* failure: a case that fails, in print, with the command that repeats it. */
#ifndef CHECK_FAILURE_H
#define CHECK_FAILURE_H

#include "lane.h"

/* Into the tally, and to plan->out unless so many of that lane were shown already; where: of the run, or "". */
void failure_report(struct trial *t, const char *lane, const char *option, const struct finding *f,
                    const char *where, size_t *shown);
/* The command that runs a case once more, as a line; option: what else it takes. */
void failure_repeat(FILE *out, const struct check_plan *plan, const char *case_name, enum fill fill,
                    const char *option);

#endif
