#include "embed_bwd.h"

#include "../base/index.h"
#include "../base/par.h"
#include "../kernel.h"
#include "../threads.h"

enum { GRAIN = 64 }; /* columns: four lines of a row */

struct call {
    const struct kernel_set *set;
    const struct embed_bwd *a;
};

static void range(size_t begin, size_t end, void *ctx)
{
    const struct call *c = ctx;
    c->set->embed_bwd(c->a, begin, end);
}

enum status embed_bwd(const struct kernel_set *set, int threads, const struct embed_bwd *a)
{
    struct call c = {set, a};
    const size_t wrong = index_outside(a->token, a->m, a->vocab);
    if (wrong < a->m)
        return fail(STATUS_DATA, "embed_bwd: token %zu is %d: the table has rows 0 to %zu", wrong,
                    (int)a->token[wrong], a->vocab - 1);
    const double bytes = 5.0 * sizeof(float) * (double)a->m * (double)a->n;
    threads = THREADS_WORTH(set, threads, (struct threads_work){.bytes = bytes});
    par_for(threads, a->n, GRAIN, range, &c);
    return STATUS_OK;
}
