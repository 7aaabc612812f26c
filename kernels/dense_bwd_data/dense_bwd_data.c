#include "dense_bwd_data.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

/* As in dense_fwd the larger operand is cut. */
enum { ROWS = 12, COLUMNS = 16 };

struct call {
    const struct kernel_set *set;
    const struct dense_bwd_data *a;
};

static void rows(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct dense_bwd_data part = *c->a;
    part.dsrc += begin * part.ld_dsrc;
    part.ddst += begin * part.ld_ddst;
    if (part.act) part.act += begin * part.ld_act;
    part.m = end - begin;
    c->set->dense_bwd_data(&part);
}

static void columns(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct dense_bwd_data part = *c->a;
    part.dsrc += begin;
    part.w += begin * (part.packed ? part.n : part.ld_w);
    if (part.act) part.act += begin;
    part.k = end - begin;
    c->set->dense_bwd_data(&part);
}

void dense_bwd_data(const struct kernel_set *set, int threads, const struct dense_bwd_data *a)
{
    threads = THREADS_WORTH(set, threads, threads_product(a->m, a->n, a->k));
    if (threads <= 1) {
        set->dense_bwd_data(a);
        return;
    }
    struct call c = {set, a};
    if (a->m > a->k && a->m >= (size_t)threads * ROWS)
        par_for(threads, a->m, ROWS, rows, &c);
    else
        par_for(threads, a->k, COLUMNS, columns, &c);
}
