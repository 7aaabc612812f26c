/* row_check: the variants of an open row, held to the oracle or to the words of an earlier process. */
#ifndef BENCH_ROW_CHECK_H
#define BENCH_ROW_CHECK_H

#include "row.h"

/* Whether a plan that names variants names this one. */
bool row_wanted(const struct row_plan *plan, const char *name);
/* Not STATUS_OK where there is no memory for it. */
enum status row_ask_oracle(struct row *row, struct verify *verify, struct opened *opened);

/* Every variant that is STATE_TIMED: what is wrong is so no more. The first process finds all of a row that flushes right
 * without FTZ and DAZ before it sets them, later ones know the words that they make. STATUS_OK but where memory is
 * short. */
enum status row_check_all(struct row *row, struct verify *verify, const struct row_plan *plan,
                          struct opened *opened);

#endif
