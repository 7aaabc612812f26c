#include "normal_fill.h"

#include "../base/par.h"
#include "../kernel.h"

/* About 10 us of work on one thread, what a fork-join costs on a quiet machine. */
enum { GRAIN = 128 * NORMAL_FILL_BLOCK };

struct call {
    const struct kernel_set *set;
    struct normal_fill fill;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct normal_fill part = c->fill;
    part.dst += begin;
    part.start += begin;
    part.n = end - begin;
    c->set->normal_fill(&part);
}

void normal_fill(const struct kernel_set *set, int threads, float *dst, size_t n, float scale,
                 uint64_t seed, uint64_t stream)
{
    struct call c = {set, {.dst = dst, .n = n, .scale = scale, .seed = seed, .stream = stream}};
    par_for(threads, n, GRAIN, range, &c);
}
