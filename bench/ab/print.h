/* print: what a contest has found, for a terminal, for a pull request, and for programs. */
#ifndef AB_PRINT_H
#define AB_PRINT_H

#include <stdio.h>

#include "ab/contest.h"
#include "ab/plan.h"

/* The rows that changed or of which nothing can be said, the greatest change first; verbose: all. */
void print_text(FILE *out, const struct contest *contest, bool verbose);
/* A line that says it all, a table of what changed, the rest folded. Names are code: whatever they hold, they
 * make no markup. */
void print_markdown(FILE *out, const struct contest *contest);
/* {"old", "new": {label, commit, compiler, onednn}, "min_effect", "pairs", "rows": [{"name", "threads", "lane",
 *  "verdict", "change", "lo", "hi", "p", "p_adjusted", "detectable", "old_ns", "new_ns", "log_ratios"}],
 *  "notes": [{"name", "threads", "note" or "wrong"}]}: changes and bounds are time of new over time of old. */
enum status print_json(const char *path, const struct contest *contest);
enum status print_junit(const char *path, const struct contest *contest);

#endif
