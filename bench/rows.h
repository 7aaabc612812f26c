/* rows: what a run times, in the order of its table, and what each is guessed to cost. */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include "arguments.h"
#include "budget.h"
#include "measure/roofs.h"
#include "row.h"

struct rows {
    struct row *at;
    struct cost *cost; /* guesses; zero before rows_cost() */
    /* Rows that try every form of oneDNN, the costliest first, so that the cheap ones make up for wrong
     * guesses; then the other scales, the cheapest first: where time is short it is the costly ones
     * that are left out. */
    size_t *order;
    size_t count;
};

enum status rows_make(struct rows *rows, const struct arguments *a, const struct roofs *roofs);
/* Fills cost and order. `min_ns` is the least length of a sample. */
void rows_cost(struct rows *rows, const struct roofs *roofs, double min_ns);
/* What another scale of a row will cost, from what the row itself did (but for samples that were
 * taken again). */
struct cost rows_like(const struct row *head, struct cost seen);
void rows_free(struct rows *rows);

/* Whether what is free, beside `held`, is enough for a row: operands, oneDNN's copy of them, oracle. */
enum status rows_fit(const struct row *row, size_t held);

#endif
