/* steady: does the core keep its speed? A loop bound by multiply-adds in registers, timed part by part in CPU time,
 * from which preemption is absent: what is left is the clock, a busy SMT sibling, and what the hypervisor takes. */
#ifndef DOCTOR_STEADY_H
#define DOCTOR_STEADY_H

#include <stddef.h>

struct steady {
    size_t parts;  /* 0: no lane here has such a loop */
    double spread; /* of the parts' speeds: from the 5th to the 95th percentile over the median */
    double drift;  /* median speed of the last quarter over that of the first, less 1 */
    double gflops; /* median */
};

void steady_measure(double seconds, struct steady *s);

#endif
