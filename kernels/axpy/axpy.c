#include "axpy.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

enum { GRAIN = 1024 }; /* elements: a page */

struct call {
    const struct kernel_set *set;
    float *y, a;
    const float *x;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    c->set->axpy(c->y + begin, c->a, c->x + begin, end - begin);
}

void axpy(const struct kernel_set *set, int threads, float *y, float a, const float *x, size_t n)
{
    struct call c = {set, y, a, x};
    threads = threads_worth(set, threads,
                            (struct threads_work){.bytes = 3.0 * sizeof(float) * (double)n});
    par_for(threads, n, GRAIN, range, &c);
}
