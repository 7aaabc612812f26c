#include "sgd_step.h"

#include "../base/par.h"
#include "../kernel.h"

/* A fork-join costs what about 32 Ki elements cost: below two such ranges one thread is as fast. */
enum { GRAIN = 32768 };

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
    par_for(threads, n, GRAIN, range, &c);
}
