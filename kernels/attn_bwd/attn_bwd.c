#include "attn_bwd.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

struct call {
    const struct kernel_set *set;
    const struct attn_bwd *a;
};

static void member(const struct team *team, void *ctx)
{
    const struct call *c = ctx;
    c->set->attn_bwd(c->a, team);
}

void attn_bwd(const struct kernel_set *set, int threads, const struct attn_bwd *a)
{
    const size_t heads = a->batch * a->heads;
    const size_t blocks = (a->t + ATTN_BWD_BLOCK - 1) / ATTN_BWD_BLOCK;
    const size_t most = heads > blocks ? heads : blocks; /* members that find work */
    const double t = (double)a->t, values = (double)heads * t * (double)a->d;
    struct call c = {set, a};
    if ((size_t)threads > most) threads = (int)most;
    const bool shared = threads > 1 && heads % (size_t)threads; /* a head among all members */
    threads = THREADS_WORTH(
        set, threads,
        (struct threads_work){.flops = 10.0 * values * (a->causal ? (t + 1.0) / 2.0 : t),
                              .bytes = 8.0 * sizeof(float) * values,
                              .barriers = shared ? 2.0 * (double)blocks : 0.0});
    par_team(threads, member, &c);
}
