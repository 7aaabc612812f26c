/* site: a call of any room, and what it reads and writes, for a fault to be planted there. */
#ifndef CHECK_SITE_H
#define CHECK_SITE_H

#include "kernel.h"

/* A call, what it writes and what it reads first; out or in without elements: it has none. */
struct site {
    const struct kernel_spec *spec;
    const struct kernel_set *set;
    const struct shape *s;
    void *const *buf;
    int threads;
    struct operand op[OPERANDS_MAX];
    int out, in, scratch; /* operands */
};

/* Fills the operands from spec and s. */
void site_find(struct site *t);

void site_call(const struct site *t);
/* With another input. */
void site_call_with(const struct site *t, float *in);
/* Of an operand as it is; the caller frees it. */
void *site_copy(const struct site *t, int operand);

/* Of the output. */
size_t site_elements(const struct site *t);
char *site_element(const struct site *t, size_t i);
double site_number(const struct site *t, size_t i);
/* To the next number; to that of the other sign. */
void site_bump(const struct site *t, size_t i);
void site_negate(const struct site *t, size_t i);

#endif
