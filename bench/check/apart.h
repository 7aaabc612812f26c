/* apart: a part of a check, in a process of its own where its end is not to be that of the whole check. */
#ifndef CHECK_APART_H
#define CHECK_APART_H

#include "engine.h"

struct part_checked {
    const char *kernel; /* its name; of networks "circuit" */
    enum status (*check)(const struct check_plan *plan, const void *what,
                         struct check_tally *tally);
    const void *what;
};

/* check(plan, what, tally). Whatever ends that process, a crash on several threads, exit(), a signal, is a failure of the
 * part: plan->out and plan->junit name what was under way and how it ended, and STATUS_WRONG is returned. The caller has
 * not started threads yet. */
enum status check_apart(const struct check_plan *plan, const struct part_checked *part,
                        struct check_tally *tally);

#endif
