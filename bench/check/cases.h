/* cases: the shapes at which a kernel is checked: its spec's own, then derived tails, offsets and
 * scales; and all of that once more for each pair of operands that may be the same memory. */
#ifndef CHECK_CASES_H
#define CHECK_CASES_H

#include "kernel.h"

enum care {
    CARE_FULL,  /* every fill, a second run, guard pages, threads */
    CARE_TAIL,  /* one fill, guard pages, every misalignment: vector kernels */
    CARE_EDGE,  /* one fill, guard pages, two misalignments: tails of matrix kernels */
    CARE_SHIFT, /* one fill, every misalignment */
    CARE_SCALE  /* one fill: what the scale of the initialization does */
};

struct check_case {
    struct shape shape;
    enum care care;
    const struct alias *alias; /* NULL: every operand has its own memory */
};

/* case_name(), and "/dst=src" where those two are the same memory. */
void cases_name(const struct kernel_spec *spec, const struct check_case *c, char *text,
                size_t size);

/* Calls visit on each case in order; quick: the spec's own shapes alone. */
void cases_visit(const struct kernel_spec *spec, bool quick,
                 void (*visit)(const struct check_case *c, void *ctx), void *ctx);

#endif
