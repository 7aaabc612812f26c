/* forks: what the processes of a run have sampled of a row, and what follows from it.
 *
 * Samples of one process share their placement in memory: the process is the unit, and its value of a variant
 * the median of its samples. A time is the geometric mean of those medians over processes, its interval by Student's
 * t over their logarithms. A ratio is taken in pairs, by process and round: the median over the rounds of a process,
 * and then in the same way over processes; a single process gives the median of its rounds, and an interval by the
 * sign test over them.
 */
#ifndef BENCH_FORKS_H
#define BENCH_FORKS_H

#include "row.h"

/* One process more, `fork` its figures: the number of those before it; fork->placed becomes the row's. STATUS_OS where
 * memory is short. */
enum status forks_begin(struct row *row, const struct row_fork *fork);
/* What it sampled of a variant of the row; left out where the variant was not in each process before. */
enum status forks_add(struct variant *v, const struct samples *samples);
/* Both, for what this very process has sampled. */
enum status forks_take(struct row *row, const struct stage *stage);
/* Fills what follows: best_twin and each variant's summary. */
void forks_summarize(struct row *row);
/* The widest half width of any variant that was sampled throughout; INFINITY where one has none. */
double forks_half_width(const struct row *row);
void forks_free(struct row *row);

/* Time of `b` over time of `a`, two variants of a row that were sampled throughout. */
struct interval forks_ratio(const struct variant *a, const struct variant *b);
/* All samples of a variant, one fork after the other. */
size_t forks_samples(const struct variant *v);

#endif
