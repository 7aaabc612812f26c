/* par: the project's threads. Ranges for loops, a team with barriers for chains of layers.
 *
 * The results of a kernel do not depend on the number of threads: cuts fall at multiples of a
 * grain, and a reduction writes one partial per fixed block. Where OpenMP grants fewer threads than
 * asked for, the ranges still cover everything.
 */
#ifndef BASE_PAR_H
#define BASE_PAR_H

#include <stdbool.h>
#include <stddef.h>

/* Calls body on contiguous, disjoint ranges that cover [0, count), each cut a multiple of grain >
 * 0, one range a thread at the most. One range, or threads <= 1: on the caller, with no parallel
 * region. */
void par_for(int threads, size_t count, size_t grain,
             void (*body)(size_t begin, size_t end, void *ctx), void *ctx);

/* A page of floats, the least that a thread is given of a vector; and so many rows of n floats, at least one. */
enum { PAR_PAGE = 1024 };
static inline size_t par_rows(size_t n)
{
    return PAR_PAGE / (n + 1) + 1;
}

/* The same ranges of `grain` elements each, taken one by one: for work that is not timed and must get
 * done although some CPUs are busy with something else. */
void par_each(int threads, size_t count, size_t grain,
              void (*body)(size_t begin, size_t end, void *ctx), void *ctx);

struct team {
    int size, id;
    struct team_gate *gate;
};

/* Calls body once on each member of a team. threads <= 1: on the caller, with no parallel region.
 */
void par_team(int threads, void (*body)(const struct team *team, void *ctx), void *ctx);

/* Returns when every member of the team has called it; all their writes are then seen. Spins for
 * some microseconds before it yields the CPU, whatever OMP_WAIT_POLICY says. */
void team_barrier(const struct team *team);

/* The range of this member when count elements are cut at multiples of grain. */
struct range {
    size_t begin, end;
};
struct range team_range(const struct team *team, size_t count, size_t grain);

/* More threads are never asked for. */
enum { PAR_THREADS_MOST = 1024 };
/* The most threads that a parallel region may have here. */
int par_max_threads(void);

/* What a region of so many threads costs here beside its work, and a barrier in it: measured at the first
 * call, which takes some tenths of a millisecond, with passively waiting threads some. */
struct par_cost {
    double region_ns, barrier_ns;
};
struct par_cost par_cost(int threads);

/* True in a parallel region of any library. */
bool par_inside(void);

/* Ends the threads that wait for the next region, which with an active wait policy spin: what runs on
 * the caller alone is then alone. The next region starts them again. */
void par_release(void);

/* How many threads regions of other libraries take from here on, on the calling thread; returns the
 * former number. Ours state their number each time. */
int par_set_threads(int threads);

/* Lets the caller run on every CPU that it might when the program began, before OpenMP's library bound it to the first
 * of its places: what a program that it starts then inherits. */
void par_unbind(void);

/* OpenMP's settings as its library has understood them. */
struct par_settings {
    int version; /* of the standard, as yyyymm */
    int max_threads, places;
    int procs; /* CPUs that the process may use */
    bool dynamic;
    const char *bind; /* "false", "close", ... */
};
struct par_settings par_settings(void);

#endif
