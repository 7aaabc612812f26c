/* change: how far each row moved, and the variance that its own processes give that. */
#ifndef COMPARE_CHANGE_H
#define COMPARE_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

struct verdict_row;

/* Fewer processes than FEW on a side: a placement that only some processes have can pass for a change. Of a row whose
 * processes fall to one of two places with odds of 3 to 7, sides of three are wholly apart in one comparison of 54, of
 * five in one of 1,200. */
enum { CHANGE_KINDS = 8, CHANGE_FEW = 5 };

struct change {
    double at;       /* log of new over old */
    double variance; /* of at, from processes; NaN where a side has one process */
    double freedom;  /* 0 likewise */
    double
        step; /* of few processes: what 98 % of sides of this kind span between their own; else 0 */
};

/* One process says nothing of others: such a row is bare. */
static inline bool change_is_bare(const struct change *c)
{
    return !(c->freedom > 0.0);
}

/* Of every row. False where there is no memory. */
bool change_of_rows(const struct verdict_row *row, size_t rows, struct change *change);

#endif
