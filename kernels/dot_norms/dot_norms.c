#include "dot_norms.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

/* The sums of so many blocks are kept at a time, on the stack: 6 KiB. */
enum { CHUNK = 256 };

/* What an element costs, in the time of so many flops of dense_fwd. */
static const double FLOPS_EACH = 20.0;

struct call {
    const struct kernel_set *set;
    const float *x, *y;
    size_t n;
    double sums[CHUNK][DOT_NORMS_FIELDS];
};

static void range(size_t begin, size_t end, void *ctx)
{
    struct call *c = ctx;
    for (size_t b = begin; b < end; b++) {
        const size_t at = b * DOT_NORMS_BLOCK, left = c->n - at;
        c->set->dot_norms(c->sums[b], c->x + at, c->y + at,
                          left < DOT_NORMS_BLOCK ? left : DOT_NORMS_BLOCK);
    }
}

void dot_norms(const struct kernel_set *set, int threads, double dst[DOT_NORMS_FIELDS],
               const float *x, const float *y, size_t n)
{
    const size_t chunk = (size_t)CHUNK * DOT_NORMS_BLOCK;
    double total[DOT_NORMS_FIELDS] = {0};
    threads = THREADS_WORTH(set, threads, (struct threads_work){.flops = FLOPS_EACH * (double)n});
    for (size_t at = 0; at < n; at += chunk) {
        struct call c;
        c.set = set;
        c.x = x + at;
        c.y = y + at;
        c.n = n - at < chunk ? n - at : chunk;
        const size_t blocks = (c.n + DOT_NORMS_BLOCK - 1) / DOT_NORMS_BLOCK;
        par_for(threads, blocks, 1, range, &c);
        for (size_t b = 0; b < blocks; b++)
            for (int f = 0; f < DOT_NORMS_FIELDS; f++) total[f] += c.sums[b][f];
    }
    for (int f = 0; f < DOT_NORMS_FIELDS; f++) dst[f] = total[f];
}
