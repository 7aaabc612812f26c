#include "relu_fwd.h"

#include "../base/par.h"
#include "../kernel.h"

/* A fork-join costs what about 32 Ki elements cost: below two such ranges one thread is as fast. */
enum { GRAIN = 32768 };

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
    par_for(threads, n, GRAIN, range, &c);
}
