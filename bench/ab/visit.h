/* visit: one row in both processes of a pair. */
#ifndef AB_VISIT_H
#define AB_VISIT_H

#include "pairs.h"

/* The next of p->seed's random numbers, of 31 bits. */
uint64_t pair_draw(struct pairs *p);
/* One value for each lane. False where a process is gone. */
bool pair_visit(struct pairs *p, struct pair_row *row, double seconds);

#endif
