#include "embed_fwd.h"

#include "../base/index.h"
#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

struct call {
    const struct kernel_set *set;
    const struct embed_fwd *a;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    c->set->embed_fwd(c->a, begin, end);
}

enum status embed_fwd(const struct kernel_set *set, int threads, const struct embed_fwd *a)
{
    struct call c = {set, a};
    const size_t wrong = index_outside(a->token, a->m, a->vocab);
    if (wrong < a->m)
        return fail(STATUS_DATA, "embed_fwd: token %zu is %d: the table has rows 0 to %zu", wrong,
                    (int)a->token[wrong], a->vocab - 1);
    const double bytes = 3.0 * sizeof(float) * (double)a->m * (double)a->n;
    threads = THREADS_WORTH(set, threads, (struct threads_work){.bytes = bytes});
    par_for(threads, a->m, 1, range, &c);
    return STATUS_OK;
}
