#include "softmax_bwd.h"

#include <assert.h>

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

struct call {
    const struct kernel_set *set;
    const struct softmax_bwd *a;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct softmax_bwd part = *c->a;
    part.dsrc += begin * part.ld_dsrc;
    part.ddst += begin * part.ld_ddst;
    part.dst += begin * part.ld_dst;
    part.m = end - begin;
    c->set->softmax_bwd(&part);
}

void softmax_bwd(const struct kernel_set *set, int threads, const struct softmax_bwd *a)
{
    struct call c = {set, a};
    assert(a->ld_dsrc >= a->n && a->ld_ddst >= a->n && a->ld_dst >= a->n && a->tau > 0.0f);
    /* Read for the sum, and once more from a cache. */
    const double bytes = 5.0 * sizeof(float) * (double)a->m * (double)a->n;
    threads = THREADS_WORTH(set, threads, (struct threads_work){.bytes = bytes});
    par_for(threads, a->m, par_rows(a->n), range, &c);
}
