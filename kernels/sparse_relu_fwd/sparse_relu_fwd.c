#include "sparse_relu_fwd.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

/* Inputs that a thread takes at the least, where there are enough: a row of a tile. */
enum { COLUMNS = 64 };

struct call {
    const struct kernel_set *set;
    const struct sparse_relu_fwd *a;
};

static void columns(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct sparse_relu_fwd part = *c->a;
    part.dst += begin;
    part.src += begin;
    part.m = end - begin;
    c->set->sparse_relu_fwd(&part);
}

/* The work before row i: its weights and their stores. */
static size_t work_before(const struct sparse_relu_fwd *a, size_t i)
{
    return (size_t)(a->start[i] - a->start[0]) + i;
}

/* The first row with so much work before it. */
static size_t row_at(const struct sparse_relu_fwd *a, size_t work)
{
    size_t lo = 0, hi = a->n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (work_before(a, mid) < work)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Rows differ in length: what is cut is their work. */
static void rows(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    struct sparse_relu_fwd part = *c->a;
    const size_t first = row_at(c->a, begin);
    part.dst += first * part.ld_dst;
    part.start += first;
    if (part.bias) part.bias += first;
    part.n = row_at(c->a, end) - first;
    c->set->sparse_relu_fwd(&part);
}

void sparse_relu_fwd(const struct kernel_set *set, int threads, const struct sparse_relu_fwd *a)
{
    const double m = (double)a->m, nnz = a->n ? (double)(a->start[a->n] - a->start[0]) : 0.0;
    /* A weight's vectors of src come from a cache each time. */
    threads =
        THREADS_WORTH(set, threads,
                      (struct threads_work){.flops = 2.0 * m * nnz,
                                            .bytes = sizeof(float) * m * (nnz + (double)a->n)});
    if (threads <= 1 || a->n == 0) {
        set->sparse_relu_fwd(a);
        return;
    }
    struct call c = {set, a};
    if (a->m >= (size_t)threads * COLUMNS)
        par_for(threads, a->m, COLUMNS, columns, &c);
    else
        par_for(threads, work_before(a, a->n), 1, rows, &c);
}

enum status sparse_relu_fwd_valid(const struct sparse_relu_fwd *a)
{
    for (size_t i = 0; i < a->n; i++) {
        if (a->start[i] < 0 || a->start[i] > a->start[i + 1])
            return fail(STATUS_DATA, "sparse_relu_fwd: row %zu is from %d to %d", i,
                        (int)a->start[i], (int)a->start[i + 1]);
        for (int32_t p = a->start[i]; p < a->start[i + 1]; p++)
            if (a->col[p] < 0 || (size_t)a->col[p] >= a->k)
                return fail(STATUS_DATA,
                            "sparse_relu_fwd: weight %d of row %zu is in column %d of %zu", (int)p,
                            i, (int)a->col[p], a->k);
    }
    return STATUS_OK;
}
