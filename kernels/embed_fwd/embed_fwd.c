#include "embed_fwd.h"

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
    for (size_t i = 0; i < a->m; i++)
        if (a->token[i] < 0 || (size_t)a->token[i] >= a->vocab)
            return fail(STATUS_DATA, "embed_fwd: token %zu is %d: the table has rows 0 to %zu", i,
                        (int)a->token[i], a->vocab - 1);
    const double bytes = 3.0 * sizeof(float) * (double)a->m * (double)a->n;
    threads = THREADS_WORTH(set, threads, (struct threads_work){.bytes = bytes});
    par_for(threads, a->m, 1, range, &c);
    return STATUS_OK;
}
