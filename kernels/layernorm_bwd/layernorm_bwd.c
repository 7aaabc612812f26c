#include "layernorm_bwd.h"

#include <assert.h>

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

struct call {
    const struct kernel_set *set;
    const struct layernorm_bwd *a;
};

static void member(const struct team *team, void *ctx)
{
    const struct call *c = ctx;
    c->set->layernorm_bwd(c->a, team);
}

void layernorm_bwd(const struct kernel_set *set, int threads, const struct layernorm_bwd *a)
{
    struct call c = {set, a};
    const size_t blocks = layernorm_bwd_blocks(a->m);
    assert(a->n <= (size_t)1 << 24 && a->ld_dsrc >= a->n && a->ld_ddst >= a->n &&
           a->ld_src >= a->n);
    const double bytes = 5.0 * sizeof(float) * (double)a->m * (double)a->n;
    threads = THREADS_WORTH(set, threads, (struct threads_work){.bytes = bytes, .barriers = 1.0});
    /* The sums over the blocks, n columns, are little beside the blocks. */
    if ((size_t)threads > blocks) threads = blocks ? (int)blocks : 1;
    par_team(threads, member, &c);
}
