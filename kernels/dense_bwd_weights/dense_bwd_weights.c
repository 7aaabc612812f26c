#include "dense_bwd_weights.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

/* Columns are cut into equal parts, but the tiles ask for dw ahead of them, across the cut: for a small batch,
 * where dw is most of the traffic, threads that take lines from each other are slower than one (8 x 1024: 0.72
 * times one thread, cut by rows 1.77). ROWS is one tile of the widest lane. */
enum { ROWS = 14, COLUMNS = 32, COLUMNS_BATCH = 64 };

struct call {
    const struct kernel_set *set;
    const struct dense_bwd_weights *a;
};

static void rows(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct dense_bwd_weights part = *c->a;
    part.dw += begin * part.ld_dw;
    part.src += begin;
    part.k = end - begin;
    if (begin > 0) part.db = NULL;
    c->set->dense_bwd_weights(&part);
}

static void columns(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct dense_bwd_weights part = *c->a;
    part.dw += begin;
    if (part.db) part.db += begin;
    part.ddst += begin;
    if (part.act) part.act += begin;
    part.n = end - begin;
    c->set->dense_bwd_weights(&part);
}

void dense_bwd_weights(const struct kernel_set *set, int threads, const struct dense_bwd_weights *a)
{
    threads = THREADS_WORTH(set, threads, threads_product(a->m, a->n, a->k));
    if (threads <= 1) {
        set->dense_bwd_weights(a);
        return;
    }
    struct call c = {set, a};
    const bool wide = a->n >= (size_t)threads * COLUMNS, tall = a->k >= (size_t)threads * ROWS;
    if (a->k == 0 || (wide && (a->m >= COLUMNS_BATCH || !tall)))
        par_for(threads, a->n, COLUMNS, columns, &c);
    else
        par_for(threads, a->k, ROWS, rows, &c);
}
