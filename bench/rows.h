/* rows: what a run times, in the order of its table, and what each is guessed to cost. */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include "arguments.h"
#include "budget.h"
#include "measure/roofs.h"
#include "row.h"

/* Lanes of a kernel's own shapes, and of chains that are large or of another scale. */
enum { ROWS_VECTOR = 1u << ISA_AVX2 | 1u << ISA_AVX512 };

struct rows {
    struct row *at;
    struct cost *cost; /* of the next visit; zero before rows_cost() */
    size_t count;
    size_t total; /* of all shares */
};

/* Without roofs, how many copies a cold row has is left open, and whether rows fit into memory. */
enum status rows_make(struct rows *rows, const struct arguments *a, const struct roofs *roofs);
/* Leaves those of that share: rows that differ in their scale alone stay together. Which they are hangs on the rows
 * alone, not on the machine. */
enum status rows_share(struct rows *rows, const struct cluster_share *share);
/* Fills cost: guesses, where a row has no fork yet. `min_ns` is the least length of a sample. */
void rows_cost(struct rows *rows, const struct roofs *roofs, double min_ns);
/* What another scale of a row will cost, from what the row itself did (but for samples that were
 * taken again): `fixed` seconds beside its rounds. */
struct cost rows_like(const struct row *head, double fixed);
/* What the next visit of a row will cost, from its last one. */
struct cost rows_again(const struct row *row);
void rows_free(struct rows *rows);
/* NULL where there is none of that name and number of threads; a NULL name is none's. */
struct row *rows_find(const struct rows *rows, const char *name, long long threads);

/* Of operands in all copies, oneDNN's copy of them, outputs, oracle; in double since shapes may be absurd. */
double rows_bytes(const struct row *row);
/* Whether what is free, beside `held`, is enough for a row: operands, oneDNN's copy of them, oracle. */
enum status rows_fit(const struct row *row, size_t held);

#endif
