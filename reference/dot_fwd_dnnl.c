#include "dnnl.h"
#include "dot_fwd/dot_fwd.h"

static unsigned forms(const struct shape *s)
{
    (void)s;
    return FORM_BIT(FORM_PLAIN) | FORM_BIT(FORM_MATMUL);
}

/* A layer of one row, n inputs and one output. */
static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    struct twin_run *run = run_open("dot_fwd", threads, form);
    run_dense_fwd(run, &(struct dense_views){.dst = view_of(buf[DOT_FWD_DST], 1, 1, 1),
                                             .src = view_of(buf[DOT_FWD_X], 1, s->n, s->n),
                                             .w = view_of(buf[DOT_FWD_Y], s->n, 1, 1)});
    return run_ready(run, out);
}

const struct twin dot_fwd_twin = {.forms = forms, .open = open};
