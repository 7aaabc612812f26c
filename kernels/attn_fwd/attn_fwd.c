#include "attn_fwd.h"

#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

struct call {
    const struct kernel_set *set;
    const struct attn_fwd *a;
};

static void units(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    c->set->attn_fwd(c->a, begin, end);
}

void attn_fwd(const struct kernel_set *set, int threads, const struct attn_fwd *a)
{
    const double rows = (double)(a->batch * a->heads * a->t), t = (double)a->t, d = (double)a->d;
    const double pairs = rows * (a->causal ? (t + 1.0) / 2.0 : t);
    threads = THREADS_WORTH(
        set, threads,
        (struct threads_work){.flops = 4.0 * pairs * d, .bytes = 4.0 * sizeof(float) * rows * d});
    struct call c = {set, a};
    par_for(threads, attn_fwd_units(a), 1, units, &c);
}
