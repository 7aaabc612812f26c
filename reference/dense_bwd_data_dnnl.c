#include "dense_bwd_data/dense_bwd_data.h"
#include "dnnl.h"

/* oneDNN has no mask as a post-operation: a second primitive, in place. */
static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    const struct view dsrc = view_of(buf[DENSE_BWD_DATA_DSRC], s->m, s->k, s->k + s->pad);
    struct twin_run *run = run_open("dense_bwd_data", threads, form);
    run_dense_bwd_data(run, dsrc, view_of(buf[DENSE_BWD_DATA_DDST], s->m, s->n, s->n + s->pad),
                       view_of(buf[DENSE_BWD_DATA_W], s->k, s->n, s->n + s->pad));
    if (s->flags & DENSE_BWD_DATA_FLAG_MASK)
        run_relu_bwd(run, dsrc, dsrc, view_of(buf[DENSE_BWD_DATA_ACT], s->m, s->k, s->k + s->pad));
    return run_ready(run, out);
}

const struct twin dense_bwd_data_twin = {.forms = forms_dense, .open = open};
