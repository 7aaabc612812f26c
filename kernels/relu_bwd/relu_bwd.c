#include "relu_bwd.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

struct call {
    const struct kernel_set *set;
    float *dsrc;
    const float *ddst, *dst;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    c->set->relu_bwd(c->dsrc + begin, c->ddst + begin, c->dst + begin, end - begin);
}

void relu_bwd(const struct kernel_set *set, int threads, float *dsrc, const float *ddst,
              const float *dst, size_t n)
{
    struct call c = {set, dsrc, ddst, dst};
    threads = THREADS_WORTH(set, threads,
                            (struct threads_work){.bytes = 3.0 * sizeof(float) * (double)n});
    par_for(threads, n, PAR_PAGE, range, &c);
}
