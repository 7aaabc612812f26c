#include "dense_jvp.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

/* As in dense_fwd the larger operand is cut. */
enum { ROWS = 12, COLUMNS = 16 };

struct call {
    const struct kernel_set *set;
    const struct dense_jvp *a;
};

static void rows(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct dense_jvp part = *c->a;
    part.dst += begin * part.ld_dst;
    part.dsrc += begin * part.ld_dsrc;
    if (part.q) part.u += begin * part.ld_u;
    if (part.prev) part.prev += begin * part.ld_prev;
    if (part.act) part.act += begin * part.ld_act;
    part.m = end - begin;
    c->set->dense_jvp(&part);
}

static void columns(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct dense_jvp part = *c->a;
    part.dst += begin;
    part.w += part.packed ? begin * part.k : begin;
    if (part.q) part.v += begin;
    if (part.db) part.db += begin;
    if (part.prev) part.prev += begin;
    if (part.act) part.act += begin;
    part.n = end - begin;
    c->set->dense_jvp(&part);
}

void dense_jvp(const struct kernel_set *set, int threads, const struct dense_jvp *a)
{
    threads = THREADS_WORTH(set, threads, threads_product(a->m, a->n, a->k + a->q));
    if (threads <= 1) {
        set->dense_jvp(a);
        return;
    }
    struct call c = {set, a};
    if (a->m > a->n && a->m >= (size_t)threads * ROWS)
        par_for(threads, a->m, ROWS, rows, &c);
    else
        par_for(threads, a->n, COLUMNS, columns, &c);
}
