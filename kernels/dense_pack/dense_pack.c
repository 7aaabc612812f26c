#include "dense_pack.h"

#include "../base/par.h"
#include "../kernel.h"

/* A fork-join costs what copying about 64 KiB costs. */
enum { GRAIN_FLOATS = 32768, PANEL = 16 };

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
    if (count * each < 2 * GRAIN_FLOATS) threads = 1;
    par_for(threads, count, PANEL, range, &c);
}
