#include "dot_fwd.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

/* The sums live on the stack: so many blocks a region, 8 KiB and 4 Mi elements. */
enum { CHUNK = 1024 };

struct call {
    const struct kernel_set *set;
    double *sums;
    const float *x, *y;
    size_t n;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    const size_t first = begin * DOT_FWD_BLOCK, last = end * DOT_FWD_BLOCK;
    c->set->dot_fwd(c->sums + begin, c->x + first, c->y + first,
                    (last < c->n ? last : c->n) - first);
}

void dot_fwd(const struct kernel_set *set, int threads, float *dst, const float *x, const float *y,
             size_t n)
{
    double sums[CHUNK], total = 0.0;
    const size_t chunk = (size_t)CHUNK * DOT_FWD_BLOCK;
    threads = THREADS_WORTH(set, threads,
                            (struct threads_work){.bytes = 2.0 * sizeof(float) * (double)n});
    for (size_t i = 0; i < n; i += chunk) {
        const size_t count = n - i < chunk ? n - i : chunk;
        const size_t blocks = (count + DOT_FWD_BLOCK - 1) / DOT_FWD_BLOCK;
        struct call c = {set, sums, x + i, y + i, count};
        par_for(threads, blocks, 1, range, &c);
        for (size_t b = 0; b < blocks; b++) total += sums[b];
    }
    *dst = (float)total;
}
