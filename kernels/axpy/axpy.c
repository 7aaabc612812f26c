#include "axpy.h"

#include "../base/par.h"
#include "../kernel.h"

/* A fork-join costs what about 32 Ki elements cost: below two such ranges one thread is as fast. */
enum { GRAIN = 32768 };

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
    par_for(threads, n, GRAIN, range, &c);
}
