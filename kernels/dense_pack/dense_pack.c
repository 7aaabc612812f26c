#include "dense_pack.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

enum { PANEL = 16 };

struct call {
    const struct kernel_set *set;
    const struct dense_pack *a;
};

/* Panels are cut where they begin: columns of w, with transpose its rows. */
static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct dense_pack part = *c->a;
    if (part.transpose) {
        part.dst += begin * part.n;
        part.w += begin * part.ld_w;
        part.k = end - begin;
    } else {
        part.dst += begin * part.k;
        part.w += begin;
        part.n = end - begin;
    }
    c->set->dense_pack(&part);
}

void dense_pack(const struct kernel_set *set, int threads, const struct dense_pack *a)
{
    struct call c = {set, a};
    const size_t count = a->transpose ? a->k : a->n, each = a->transpose ? a->n : a->k;
    threads = THREADS_WORTH(
        set, threads,
        (struct threads_work){.bytes = 2.0 * sizeof(float) * (double)count * (double)each});
    par_for(threads, count, PANEL, range, &c);
}
