#include "mlp_bwd.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

struct call {
    const struct kernel_set *set;
    const struct mlp_bwd *a;
};

static void member(const struct team *team, void *ctx)
{
    const struct call *c = ctx;
    c->set->mlp_bwd(c->a, team);
}

void mlp_bwd(const struct kernel_set *set, int threads, const struct mlp_bwd *a)
{
    struct call c = {set, a};
    const double w = (double)mlp_bwd_layer(a->k, a->n, a->depth);
    threads = THREADS_WORTH(set, threads,
                            (struct threads_work){.flops = 4.0 * (double)a->m * w,
                                                  .bytes = 2.0 * sizeof(float) * w,
                                                  .barriers = (double)a->depth + 1.0});
    par_team(threads, member, &c);
}
