#include "mlp_bwd.h"

#include "../base/par.h"
#include "../kernel.h"

/* A layer costs a barrier: below about 0.14 Mflop of one, two threads gain nothing. */
enum { FLOPS_MIN = 140000 };

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
    if (4.0 * (double)a->m * (double)a->n * (double)a->n < FLOPS_MIN) threads = 1;
    par_team(threads, member, &c);
}
