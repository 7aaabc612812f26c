#include "xent_fwd.h"

#include <assert.h>

#include "../base/index.h"
#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

/* What an element costs, in the time of so many flops of dense_fwd. */
static const double FLOPS_EACH = 28.0;

struct call {
    const struct kernel_set *set;
    const struct xent_fwd *a;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct xent_fwd part = *c->a;
    part.loss += begin;
    part.lse += begin;
    part.src += begin * part.ld_src;
    if (part.target)
        part.target += begin;
    else
        part.probs += begin * part.ld_probs;
    part.m = end - begin;
    c->set->xent_fwd(&part);
}

enum status xent_fwd(const struct kernel_set *set, int threads, const struct xent_fwd *a)
{
    struct call c = {set, a};
    assert(a->n <= INT32_MAX && a->ld_src >= a->n && a->tau > 0.0f);
    const size_t rows = a->target && a->n ? a->m : 0;
    const size_t wrong = index_outside(a->target, rows, a->n);
    if (wrong < rows)
        return fail(STATUS_DATA, "xent_fwd: the target of row %zu is %d; there are %zu classes",
                    wrong, (int)a->target[wrong], a->n);
    const double flops = FLOPS_EACH * (double)a->m * (double)a->n;
    threads = THREADS_WORTH(set, threads, (struct threads_work){.flops = flops});
    par_for(threads, a->m, par_rows(a->n), range, &c);
    return STATUS_OK;
}
