#include "dense_fwd/dense_fwd.h"
#include "dnnl.h"

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    const float *bias = s->flags & DENSE_FWD_FLAG_NOBIAS ? NULL : buf[DENSE_FWD_BIAS];
    const struct dense_views v = {
        .dst = view_of(buf[DENSE_FWD_DST], s->m, s->n, s->n + s->pad),
        .src = view_of(buf[DENSE_FWD_SRC], s->m, s->k, s->k + s->pad),
        .w = view_of(buf[DENSE_FWD_W], s->k, s->n, s->n + s->pad),
        .bias = view_of(bias, 1, s->n, s->n),
        .relu = s->flags & DENSE_FWD_FLAG_RELU,
    };
    struct twin_run *run = run_open("dense_fwd", threads, form);
    run_dense_fwd(run, &v);
    return run_ready(run, out);
}

const struct twin dense_fwd_twin = {.forms = forms_dense, .open = open};
