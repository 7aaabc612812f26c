#include "axpy.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

struct call {
    const struct kernel_set *set;
    float *dst, a;
    const float *x, *y;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    c->set->axpy(c->dst + begin, c->a, c->x + begin, c->y + begin, end - begin);
}

void axpy(const struct kernel_set *set, int threads, float *dst, float a, const float *x,
          const float *y, size_t n)
{
    struct call c = {set, dst, a, x, y};
    threads = THREADS_WORTH(set, threads,
                            (struct threads_work){.bytes = 3.0 * sizeof(float) * (double)n});
    par_for(threads, n, PAR_PAGE, range, &c);
}
