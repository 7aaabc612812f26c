#include "uniform_fill.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

/* What an element costs, in the time of so many flops of dense_fwd. */
static const double FLOPS_EACH = 70.0;

struct call {
    const struct kernel_set *set;
    const struct uniform_fill *a;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct uniform_fill part = *c->a;
    part.dst += begin;
    part.start += begin;
    part.n = end - begin;
    c->set->uniform_fill(&part);
}

void uniform_fill(const struct kernel_set *set, int threads, const struct uniform_fill *a)
{
    struct call c = {set, a};
    threads =
        THREADS_WORTH(set, threads, (struct threads_work){.flops = FLOPS_EACH * (double)a->n});
    par_for(threads, a->n, UNIFORM_FILL_BLOCK, range, &c);
}
