/* problem: one kernel at one shape and fill: its operands before the call and what must be after
 * it. */
#ifndef CHECK_PROBLEM_H
#define CHECK_PROBLEM_H

#include <stdint.h>

#include "base/arena.h"
#include "cases.h"
#include "fill.h"
#include "kernel.h"

struct problem {
    const struct kernel_spec *spec;
    struct shape shape;
    enum fill fill;
    uint64_t seed;
    char name[192];            /* of the case */
    const struct alias *alias; /* these two are the same memory; NULL: none are */
    bool may_vanish; /* a scale that makes zeros of everything proves something all the same */
    size_t count;    /* of operands */
    struct operand op[OPERANDS_MAX];
    void *master[OPERANDS_MAX]; /* contents before the call, gaps included */
    double *want[OPERANDS_MAX]; /* of written operands, without gaps; NULL for others */
    double *slack[OPERANDS_MAX];
    struct arena arena;
};

/* Fills the operands and asks the oracle; two that are the same memory get the same contents. Where it
 * fails there is nothing to close. */
enum status problem_open(struct problem *p, const struct kernel_spec *spec,
                         const struct check_case *c, enum fill fill, uint64_t seed);
/* Without the oracle: nothing packed, want and slack are NULL. */
enum status problem_draw(struct problem *p, const struct kernel_spec *spec,
                         const struct check_case *c, enum fill fill, uint64_t seed);
void problem_close(struct problem *p);

/* Bytes of all written operands without gaps, and a copy of those of buf, one after the other. */
size_t problem_output_bytes(const struct problem *p);
void problem_gather(const struct problem *p, void *const buf[], void *out);

#endif
