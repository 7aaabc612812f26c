#include "adamw_step.h"

#include <assert.h>
#include <math.h>

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

struct adamw_factors adamw_factors(const struct adamw_options *o)
{
    assert(o->t > 0);
    const double t = (double)o->t;
    return (struct adamw_factors){.scale = (float)o->scale,
                                  .beta1 = (float)o->beta1,
                                  .rest1 = (float)(1.0 - o->beta1),
                                  .beta2 = (float)o->beta2,
                                  .rest2 = (float)(1.0 - o->beta2),
                                  .keep = (float)(1.0 - o->lr * o->decay),
                                  .rate = (float)(o->lr / (1.0 - pow(o->beta1, t))),
                                  .root = (float)(1.0 / sqrt(1.0 - pow(o->beta2, t))),
                                  .eps = (float)o->eps};
}

struct call {
    const struct kernel_set *set;
    const struct adamw_step *a;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    const struct adamw_step *a = c->a;
    c->set->adamw_step(&(struct adamw_step){a->w + begin, a->m + begin, a->v + begin, a->dw + begin,
                                            end - begin, a->by});
}

void adamw_step(const struct kernel_set *set, int threads, const struct adamw_step *a)
{
    struct call c = {set, a};
    threads = THREADS_WORTH(set, threads,
                            (struct threads_work){.bytes = 7.0 * sizeof(float) * (double)a->n});
    par_for(threads, a->n, PAR_PAGE, range, &c);
}
