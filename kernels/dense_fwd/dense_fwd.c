#include "dense_fwd.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

/* A cut over n reads src twice and w once, a cut over m the other way round: the larger operand is the one
 * to cut. ROWS is a multiple of 6 and 12. */
enum { ROWS = 12, COLUMNS = 16 };

struct call {
    const struct kernel_set *set;
    const struct dense_fwd *a;
};

static void rows(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct dense_fwd part = *c->a;
    part.dst += begin * part.ld_dst;
    part.src += begin * part.ld_src;
    part.m = end - begin;
    c->set->dense_fwd(&part);
}

static void columns(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct dense_fwd part = *c->a;
    part.dst += begin;
    part.w += part.packed ? begin * part.k : begin;
    if (part.bias) part.bias += begin;
    part.n = end - begin;
    c->set->dense_fwd(&part);
}

void dense_fwd(const struct kernel_set *set, int threads, const struct dense_fwd *a)
{
    threads = THREADS_WORTH(set, threads, threads_product(a->m, a->n, a->k));
    if (threads <= 1) {
        set->dense_fwd(a);
        return;
    }
    struct call c = {set, a};
    if (a->m > a->n && a->m >= (size_t)threads * ROWS)
        par_for(threads, a->m, ROWS, rows, &c);
    else
        par_for(threads, a->n, COLUMNS, columns, &c);
}
