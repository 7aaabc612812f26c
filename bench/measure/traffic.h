/* traffic: what one call of a kernel computes, reads and writes, as its spec and the roles of its
 * operands tell. */
#ifndef MEASURE_TRAFFIC_H
#define MEASURE_TRAFFIC_H

#include <stdbool.h>

#include "kernel.h"

struct traffic {
    double flops;
    double read, written; /* bytes; what is updated in place counts in both */
    double held;          /* bytes of memory that they lie in: in place once */
    bool in_place;        /* most of what is written was read there */
};

struct traffic traffic_of(const struct kernel_spec *spec, const struct shape *shape);

#endif
