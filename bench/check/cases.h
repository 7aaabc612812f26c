/* cases: the shapes at which a kernel is checked: its spec's own, then derived tails, offsets and
 * scales; and all of that once more for each pair of operands that may be the same memory. */
#ifndef CHECK_CASES_H
#define CHECK_CASES_H

#include "base/status.h"
#include "kernel.h"

enum care {
    CARE_FULL,  /* every fill, a second run, guard pages, threads */
    CARE_TAIL,  /* one fill, guard pages, every misalignment: vector kernels */
    CARE_EDGE,  /* one fill, guard pages, two misalignments: tails of matrix kernels */
    CARE_SHIFT, /* one fill, every misalignment */
    CARE_CUT,   /* one fill, a second run, guard pages, threads: a size that is cut among them */
    CARE_SCALE, /* one fill: what the scale of the initialization does */
    CARE_DRAWN  /* one fill, a second run, guard pages, one misalignment, threads */
};

struct check_case {
    struct shape shape;
    enum care care;
    const struct alias *alias; /* NULL: every operand has its own memory */
};

/* case_name(), and "/dst=src" where those two are the same memory. */
void cases_name(const struct kernel_spec *spec, const struct check_case *c, char *text,
                size_t size);

/* Both operands have the same rows at that shape: an operand that a shape's flags leave out is in nobody's memory. */
bool cases_alias_fits(const struct kernel_spec *spec, const struct alias *alias,
                      const struct shape *shape);
/* Sizes, flags and scale are ones that the contract covers. */
bool cases_legal(const struct kernel_spec *spec, const struct shape *shape);
/* The scale is a factor of an operand's contents. */
bool cases_scaled(const struct kernel_spec *spec, const struct shape *shape);

/* What cases_name() wrote: the kernel is *spec, or the one that is named where that is NULL. STATUS_USAGE with a sentence
 * otherwise. Its care is CARE_DRAWN. */
enum status cases_parse(const char *text, const struct kernel_spec **spec, struct check_case *c);

/* Calls visit on each case in order; quick: the spec's own shapes alone. */
void cases_visit(const struct kernel_spec *spec, bool quick,
                 void (*visit)(const struct check_case *c, void *ctx), void *ctx);

#endif
