/* threads: how many threads a call is worth. A parallel region costs a microsecond with actively waiting
 * threads and thirty with passive ones; many a call takes less, and is then faster on its caller alone.
 *
 * The results of a kernel do not depend on the answer.
 */
#ifndef KERNELS_THREADS_H
#define KERNELS_THREADS_H

#include <stdbool.h>
#include <stddef.h>

struct kernel_set;

/* A call's work, from which the time of one thread is estimated: what the lane takes for the flops at the
 * rate of its dense_fwd, or for the bytes at the rate of its axpy in L2, whichever is more. Both rates are
 * measured once per lane, at the first call that asks for threads. */
struct threads_work {
    double flops, bytes;
    double barriers; /* of the team, where more than one thread takes part */
};

/* Of a product of an m x k and a k x n matrix, each of the three in memory once. */
static inline struct threads_work threads_product(size_t m, size_t n, size_t k)
{
    const double rows = (double)m, columns = (double)n, terms = (double)k;
    return (struct threads_work){.flops = 2.0 * rows * columns * terms,
                                 .bytes = sizeof(float) *
                                          (rows * terms + terms * columns + rows * columns)};
}

/* The number of threads, at most `threads` > 1 and at least 1, that is expected to be the fastest. Inside a
 * parallel region 1. A plug-in's lane takes as many as the best lane does: so they are timed alike. */
int threads_pick(const struct kernel_set *set, int threads, struct threads_work work);
/* The same for any number; a macro, so that a call for one thread does not even estimate its work. */
#define THREADS_WORTH(set, threads, ...)                                                           \
    ((threads) > 1 ? threads_pick(set, threads, __VA_ARGS__) : (threads))

/* From here on every call takes as many threads as it is given, or again those that are worth it: for
 * checks, whose problems are small. */
void threads_always(bool always);

#endif
