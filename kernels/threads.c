#include "threads.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/par.h"
#include "kernel.h"

/* The least gain that is worth a region, since beside what an empty one costs the operands go to several
 * caches; and work too short for a region anywhere, of which nothing more is asked. */
static const double GAIN_MIN = 1.25, SHORT_NS = 400.0;

static atomic_bool always_all;

struct rates {
    double flop_ns, byte_ns;
};

/* The quickest of a few runs: what disturbs can only add. */
static struct rates measure(const struct kernel_set *set)
{
    enum { M = 24, N = 64, K = 64, LENGTH = 16384, RUNS = 5 };
    static _Alignas(64) float src[M * K], w[K * N], dst[M * N], x[LENGTH], y[LENGTH];
    const struct dense_fwd dense = {.dst = dst,
                                    .src = src,
                                    .w = w,
                                    .m = M,
                                    .n = N,
                                    .k = K,
                                    .ld_dst = N,
                                    .ld_src = K,
                                    .packed = true};
    double dense_ns = 1e12, axpy_ns = 1e12;
    for (int i = 0; i < RUNS; i++) {
        const double start = clock_ns(CLOCK_MONOTONIC);
        set->dense_fwd(&dense);
        const double between = clock_ns(CLOCK_MONOTONIC);
        set->axpy(y, 1.0f, x, y, LENGTH);
        const double end = clock_ns(CLOCK_MONOTONIC);
        if (between - start < dense_ns) dense_ns = between - start;
        if (end - between < axpy_ns) axpy_ns = end - between;
    }
    return (struct rates){dense_ns / (2.0 * M * N * K), axpy_ns / (3.0 * sizeof(float) * LENGTH)};
}

static struct rates rates_of(const struct kernel_set *set)
{
    static struct rates rates[ISA_COUNT];
    static atomic_bool known[ISA_COUNT];
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    if (!atomic_load_explicit(&known[set->isa], memory_order_acquire)) {
        pthread_mutex_lock(&lock);
        if (!known[set->isa]) {
            rates[set->isa] = measure(set);
            atomic_store_explicit(&known[set->isa], true, memory_order_release);
        }
        pthread_mutex_unlock(&lock);
    }
    return rates[set->isa];
}

int threads_pick(const struct kernel_set *set, int threads, struct threads_work work)
{
    if (atomic_load_explicit(&always_all, memory_order_relaxed)) return threads;
    const struct rates rates = rates_of(set->isa == ISA_PLUGIN ? kernel_set_best() : set);
    const double compute = work.flops * rates.flop_ns, move = work.bytes * rates.byte_ns;
    const double alone = compute > move ? compute : move;
    if (alone < SHORT_NS || par_inside()) return 1;
    double least = alone / GAIN_MIN;
    int best = 1;
    for (int t = threads; t > 1; t /= 2) {
        const struct par_cost cost = par_cost(t);
        const double together = alone / t + cost.region_ns + work.barriers * cost.barrier_ns;
        if (together >= least) continue;
        least = together;
        best = t;
    }
    return best;
}

void threads_always(bool always)
{
    atomic_store_explicit(&always_all, always, memory_order_relaxed);
}
