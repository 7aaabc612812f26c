/* plan: the options of `hinge ab`. */
#ifndef AB_PLAN_H
#define AB_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORKER_ARGS = 40 };

struct ab_plan {
    const char *old, *new; /* builds or revisions; new is NULL for this very program */
    bool git, bisect;      /* they are revisions; the first slower commit is looked for */
    double budget;         /* seconds */
    double least,
        target; /* shares: the smallest change that matters; the half width that is enough */
    uint64_t seed;
    bool markdown, verbose;
    const char *junit, *json;  /* files; NULL */
    char *worker[WORKER_ARGS]; /* "worker" and the options that say which rows; NULL at the end */
    size_t workers;
    bool chosen; /* a kernel or a grid is among them */
};

/* Exits with a sentence where the command line is wrong. */
struct ab_plan ab_plan_read(int argc, char **argv);
void ab_plan_free(struct ab_plan *plan);

#endif
