#include "argmax.h"

#include <assert.h>

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

struct call {
    const struct kernel_set *set;
    const struct argmax *a;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct argmax part = *c->a;
    part.dst += begin;
    part.src += begin * part.ld_src;
    part.m = end - begin;
    c->set->argmax(&part);
}

void argmax(const struct kernel_set *set, int threads, const struct argmax *a)
{
    enum { COLUMNS_MOST = 1 << 24 }; /* whole numbers that a float holds */
    struct call c = {set, a};
    assert(a->n <= COLUMNS_MOST && a->ld_src >= a->n);
    const double bytes = sizeof(float) * (double)a->m * (double)a->n;
    threads = THREADS_WORTH(set, threads, (struct threads_work){.bytes = bytes});
    par_for(threads, a->m, par_rows(a->n), range, &c);
}
