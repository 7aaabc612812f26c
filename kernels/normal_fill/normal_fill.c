#include "normal_fill.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

/* What an element costs, in the time of so many flops of dense_fwd. */
static const double FLOPS_EACH = 130.0;

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
    threads = THREADS_WORTH(set, threads, (struct threads_work){.flops = FLOPS_EACH * (double)n});
    par_for(threads, n, NORMAL_FILL_BLOCK, range, &c);
}
