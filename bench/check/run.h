/* run: one call of a kernel on placed operands, with everything that it must leave alone checked.
 */
#ifndef CHECK_RUN_H
#define CHECK_RUN_H

#include "guard.h"
#include "judge.h"

struct placement {
    enum place place;
    int shift;   /* floats past a 64-byte boundary, 0 to 15 */
    bool spread; /* every operand by another shift */
};

/* "1 thread, operands end at an unreadable page". */
const char *run_where(struct placement at, int threads, char text[96]);

/* The outputs go to out, problem_output_bytes() long. False with *finding filled. */
bool run_problem(const struct problem *p, const struct kernel_set *set, int threads,
                 struct placement at, void *out, struct finding *finding);

#endif
