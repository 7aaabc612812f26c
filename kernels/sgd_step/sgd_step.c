#include "sgd_step.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

struct call {
    const struct kernel_set *set;
    float *w;
    const float *dw;
    float lr, decay;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    c->set->sgd_step(c->w + begin, c->dw + begin, c->lr, c->decay, end - begin);
}

void sgd_step(const struct kernel_set *set, int threads, float *w, const float *dw, float lr,
              float decay, size_t n)
{
    struct call c = {set, w, dw, lr, decay};
    threads = THREADS_WORTH(set, threads,
                            (struct threads_work){.bytes = 3.0 * sizeof(float) * (double)n});
    par_for(threads, n, PAR_PAGE, range, &c);
}
