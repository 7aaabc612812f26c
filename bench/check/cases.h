/* cases: the shapes at which a kernel is checked: its spec's own, then derived tails, offsets and
 * scales. */
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
};

/* Calls visit on each case in order; quick: the spec's own shapes alone. */
void cases_visit(const struct kernel_spec *spec, bool quick,
                 void (*visit)(const struct check_case *c, void *ctx), void *ctx);

#endif
