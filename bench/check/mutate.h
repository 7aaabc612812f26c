/* mutate: the sound call of any room, and a fault before, in place of or behind it. */
#ifndef CHECK_MUTATE_H
#define CHECK_MUTATE_H

#include "faulty.h"

/* A call as a spec has it. */
struct mutated_call {
    const struct kernel_set *set;
    const struct shape *s;
    void *const *buf;
    int threads;
};

/* The call of spec with that fault; sound on the scalar lane, and where the fault does not apply. */
void mutate(enum fault_kind kind, const struct kernel_spec *spec, const struct mutated_call *c);
/* The room has what the fault is about: an input, a scratch, two elements of output. */
bool mutate_applies(enum fault_kind kind, const struct kernel_spec *spec, const struct shape *s);
/* VERDICT_BIT()s of what must find it. */
unsigned mutate_expected(enum fault_kind kind);

#endif
