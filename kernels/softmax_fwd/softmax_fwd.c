#include "softmax_fwd.h"

#include <assert.h>

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

/* What an element costs, in the time of so many flops of dense_fwd. */
static const double FLOPS_EACH = 30.0;

struct call {
    const struct kernel_set *set;
    const struct softmax_fwd *a;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct softmax_fwd part = *c->a;
    part.dst += begin * part.ld_dst;
    part.src += begin * part.ld_src;
    part.m = end - begin;
    c->set->softmax_fwd(&part);
}

void softmax_fwd(const struct kernel_set *set, int threads, const struct softmax_fwd *a)
{
    struct call c = {set, a};
    assert(a->ld_dst >= a->n && a->ld_src >= a->n && a->tau > 0.0f);
    const double flops = FLOPS_EACH * (double)a->m * (double)a->n;
    threads = THREADS_WORTH(set, threads, (struct threads_work){.flops = flops});
    par_for(threads, a->m, par_rows(a->n), range, &c);
}
