#include "relu_fwd.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

struct call {
    const struct kernel_set *set;
    float *dst;
    const float *src;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    c->set->relu_fwd(c->dst + begin, c->src + begin, end - begin);
}

void relu_fwd(const struct kernel_set *set, int threads, float *dst, const float *src, size_t n)
{
    struct call c = {set, dst, src};
    threads = THREADS_WORTH(set, threads,
                            (struct threads_work){.bytes = 2.0 * sizeof(float) * (double)n});
    par_for(threads, n, PAR_PAGE, range, &c);
}
