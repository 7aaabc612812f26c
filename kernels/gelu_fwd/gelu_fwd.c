#include "gelu_fwd.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

/* What an element costs, in the time of so many flops of dense_fwd: the form with erf, with tanh. */
static const double FLOPS_EACH[] = {60.0, 40.0};

struct call {
    const struct kernel_set *set;
    float *dst;
    const float *src;
    bool tanh;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    c->set->gelu_fwd(c->dst + begin, c->src + begin, end - begin, c->tanh);
}

void gelu_fwd(const struct kernel_set *set, int threads, float *dst, const float *src, size_t n,
              bool tanh)
{
    struct call c = {set, dst, src, tanh};
    threads =
        THREADS_WORTH(set, threads, (struct threads_work){.flops = FLOPS_EACH[tanh] * (double)n});
    par_for(threads, n, PAR_PAGE, range, &c);
}
