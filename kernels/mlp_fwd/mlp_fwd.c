#include "mlp_fwd.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

struct call {
    const struct kernel_set *set;
    const struct mlp_fwd *a;
};

static void member(const struct team *team, void *ctx)
{
    const struct call *c = ctx;
    c->set->mlp_fwd(c->a, team);
}

void mlp_fwd(const struct kernel_set *set, int threads, const struct mlp_fwd *a)
{
    struct call c = {set, a};
    const double w = (double)mlp_fwd_layer(a->k, a->n, a->depth);
    const bool by_columns = a->m < mlp_fwd_rows_min(a, threads);
    threads = THREADS_WORTH(set, threads,
                            (struct threads_work){.flops = 2.0 * (double)a->m * w,
                                                  .bytes = sizeof(float) * w,
                                                  .barriers = by_columns ? (double)a->depth : 0.0});
    par_team(threads, member, &c);
}
