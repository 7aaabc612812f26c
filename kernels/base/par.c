#define _GNU_SOURCE /* sched_setaffinity */
#include "par.h"

#include <immintrin.h>
#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "clock.h"

/* A barrier of the team's own: libgomp's costs 8 us with passive waiting, which is the only waiting
 * that is safe on a busy machine; a spin of a few microseconds that then yields costs 0.1 us when
 * the members are balanced and no more than a scheduler slice when they are not. */
struct team_gate {
    _Alignas(64) atomic_uint arrived;
    _Alignas(64) atomic_uint turn;
};

static struct range cut(size_t count, size_t grain, size_t id, size_t size)
{
    const size_t blocks = count / grain + (count % grain != 0);
    const size_t each = blocks / size, more = blocks % size;
    const size_t first = each * id + (id < more ? id : more);
    const size_t last = first + each + (id < more);
    const size_t begin = first * grain, end = last * grain;
    return (struct range){begin < count ? begin : count, end < count ? end : count};
}

void par_for(int threads, size_t count, size_t grain,
             void (*body)(size_t begin, size_t end, void *ctx), void *ctx)
{
    if (count == 0) return;
    if (threads <= 1 || count <= grain) {
        body(0, count, ctx);
        return;
    }
#pragma omp parallel num_threads(threads)
    {
        const struct range r =
            cut(count, grain, (size_t)omp_get_thread_num(), (size_t)omp_get_num_threads());
        if (r.begin < r.end) body(r.begin, r.end, ctx);
    }
}

void par_each(int threads, size_t count, size_t grain,
              void (*body)(size_t begin, size_t end, void *ctx), void *ctx)
{
    if (threads <= 1 || count <= grain) {
        if (count) body(0, count, ctx);
        return;
    }
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
    for (size_t begin = 0; begin < count; begin += grain)
        body(begin, count - begin < grain ? count : begin + grain, ctx);
}

void par_team(int threads, void (*body)(const struct team *team, void *ctx), void *ctx)
{
    struct team_gate gate = {0};
    if (threads <= 1) {
        body(&(struct team){1, 0, &gate}, ctx);
        return;
    }
#pragma omp parallel num_threads(threads)
    body(&(struct team){omp_get_num_threads(), omp_get_thread_num(), &gate}, ctx);
}

void team_barrier(const struct team *team)
{
    enum { SPINS = 2000 }; /* about 40 cycles a pause: some tens of microseconds */
    if (team->size <= 1) return;
    struct team_gate *gate = team->gate;
    const unsigned turn = atomic_load_explicit(&gate->turn, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&gate->arrived, 1, memory_order_acq_rel) + 1 ==
        (unsigned)team->size) {
        atomic_store_explicit(&gate->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&gate->turn, turn + 1, memory_order_release);
        return;
    }
    for (int spin = 0; atomic_load_explicit(&gate->turn, memory_order_acquire) == turn; spin++) {
        if (spin < SPINS)
            _mm_pause();
        else
            sched_yield();
    }
}

struct range team_range(const struct team *team, size_t count, size_t grain)
{
    return cut(count, grain, (size_t)team->id, (size_t)team->size);
}

int par_max_threads(void)
{
    return omp_get_max_threads();
}

enum { REGIONS = 9, BARRIERS = 16, ROUNDS = 5 };

static void no_work(const struct team *team, void *ctx)
{
    (void)team, (void)ctx;
}

static void barriers(const struct team *team, void *ctx)
{
    team_barrier(team);
    const double start = clock_ns(CLOCK_MONOTONIC);
    for (int i = 0; i < BARRIERS; i++) team_barrier(team);
    if (team->id == 0) *(double *)ctx = (clock_ns(CLOCK_MONOTONIC) - start) / BARRIERS;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median region and the mean barrier of the quietest round. */
static struct par_cost measure(int threads)
{
    struct par_cost least = {1e12, 1e12};
    par_team(threads, no_work, NULL); /* the first starts the threads */
    const double start = clock_seconds();
    for (int round = 0; round < ROUNDS && clock_seconds() - start < 5e-3; round++) {
        double ns[REGIONS], barrier;
        for (int i = 0; i < REGIONS; i++) {
            const double before = clock_ns(CLOCK_MONOTONIC);
            par_team(threads, no_work, NULL);
            ns[i] = clock_ns(CLOCK_MONOTONIC) - before;
        }
        qsort(ns, REGIONS, sizeof *ns, ascending);
        par_team(threads, barriers, &barrier);
        if (ns[REGIONS / 2] < least.region_ns) least.region_ns = ns[REGIONS / 2];
        if (barrier < least.barrier_ns) least.barrier_ns = barrier;
    }
    return least;
}

struct par_cost par_cost(int threads)
{
    /* By the bits of the number: what 9 threads cost stands for 8 to 15. */
    static struct par_cost costs[8 * sizeof(int)];
    static atomic_bool known[8 * sizeof(int)];
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    if (threads <= 1) return (struct par_cost){0.0, 0.0};
    int bits = 0;
    for (int t = threads; t > 1; t /= 2) bits++;
    if (!atomic_load_explicit(&known[bits], memory_order_acquire)) {
        pthread_mutex_lock(&lock);
        if (!known[bits]) {
            costs[bits] = measure(threads);
            atomic_store_explicit(&known[bits], true, memory_order_release);
        }
        pthread_mutex_unlock(&lock);
    }
    return costs[bits];
}

bool par_inside(void)
{
    return omp_in_parallel();
}

void par_release(void)
{
    omp_pause_resource_all(omp_pause_soft);
}

int par_set_threads(int threads)
{
    const int former = omp_get_max_threads();
    omp_set_num_threads(threads);
    return former;
}

void par_unbind(void)
{
    cpu_set_t all;
    CPU_ZERO(&all);
    for (int place = 0; place < omp_get_num_places(); place++) {
        int cpu[CPU_SETSIZE];
        const int count = omp_get_place_num_procs(place);
        if (count > CPU_SETSIZE) continue;
        omp_get_place_proc_ids(place, cpu);
        for (int i = 0; i < count; i++) CPU_SET((size_t)cpu[i], &all);
    }
    if (CPU_COUNT(&all)) sched_setaffinity(0, sizeof all, &all);
}

struct par_settings par_settings(void)
{
    static const char *const bind[] = {"false", "true", "primary", "close", "spread"};
    const unsigned kind = (unsigned)omp_get_proc_bind();
    return (struct par_settings){.version = _OPENMP,
                                 .max_threads = omp_get_max_threads(),
                                 .places = omp_get_num_places(),
                                 .procs = omp_get_num_procs(),
                                 .dynamic = omp_get_dynamic(),
                                 .bind =
                                     kind < sizeof bind / sizeof *bind ? bind[kind] : "unknown"};
}
