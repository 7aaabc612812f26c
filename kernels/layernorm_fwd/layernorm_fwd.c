#include "layernorm_fwd.h"

#include <assert.h>

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

struct call {
    const struct kernel_set *set;
    const struct layernorm_fwd *a;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct layernorm_fwd part = *c->a;
    part.dst += begin * part.ld_dst;
    part.src += begin * part.ld_src;
    part.mean += begin;
    part.rstd += begin;
    part.m = end - begin;
    c->set->layernorm_fwd(&part);
}

void layernorm_fwd(const struct kernel_set *set, int threads, const struct layernorm_fwd *a)
{
    struct call c = {set, a};
    assert(a->n <= (size_t)1 << 24 && a->ld_dst >= a->n && a->ld_src >= a->n && a->eps > 0.0f);
    /* The two passes over a row that is then in L1 cost about what its way there does. */
    const double bytes = 4.0 * sizeof(float) * (double)a->m * (double)a->n;
    threads = THREADS_WORTH(set, threads, (struct threads_work){.bytes = bytes});
    par_for(threads, a->m, 1, range, &c);
}
