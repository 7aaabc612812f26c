#include "mlp_fwd.h"

#include "../base/par.h"
#include "../kernel.h"

/* Below about 0.14 Mflop a team's start is not earned back; where columns are split, neither is a barrier
 * of 0.2 us below about 40 kflop a layer. */
enum { FLOPS_MIN = 140000, LAYER_FLOPS_MIN = 40000 };

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
    const double layer = 2.0 * (double)a->m * (double)a->n * (double)a->n;
    if (layer * (double)a->depth < FLOPS_MIN) threads = 1;
    if (a->m < mlp_fwd_rows_min(a, threads) && layer < LAYER_FLOPS_MIN) threads = 1;
    par_team(threads, member, &c);
}
