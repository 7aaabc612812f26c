#include "gelu_bwd.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

/* What an element costs, in the time of so many flops of dense_fwd: the form with erf, with tanh. */
static const double FLOPS_EACH[] = {90.0, 55.0};

struct call {
    const struct kernel_set *set;
    float *dsrc;
    const float *ddst, *src;
    bool tanh;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    c->set->gelu_bwd(c->dsrc + begin, c->ddst + begin, c->src + begin, end - begin, c->tanh);
}

void gelu_bwd(const struct kernel_set *set, int threads, float *dsrc, const float *ddst,
              const float *src, size_t n, bool tanh)
{
    struct call c = {set, dsrc, ddst, src, tanh};
    threads =
        THREADS_WORTH(set, threads, (struct threads_work){.flops = FLOPS_EACH[tanh] * (double)n});
    par_for(threads, n, PAR_PAGE, range, &c);
}
