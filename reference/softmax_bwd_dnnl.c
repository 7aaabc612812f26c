#include "dnnl.h"
#include "softmax_bwd/softmax_bwd.h"

/* Its softmax knows no temperature; rows with gaps send oneDNN to its unoptimized code. */
static unsigned forms(const struct shape *s)
{
    const bool plain = s->pad == 0 && shape_scale(s) == 1.0f;
    return plain ? FORM_BIT(FORM_PLAIN) : 0u;
}

/* Hand-written code of oneDNN's there is for AVX-512 alone. */
static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    struct twin_run *run = run_open("softmax_bwd", threads, form);
    run_softmax_bwd(run, view_of(buf[SOFTMAX_BWD_DSRC], s->m, s->n, s->n),
                    view_of(buf[SOFTMAX_BWD_DDST], s->m, s->n, s->n),
                    view_of(buf[SOFTMAX_BWD_DST], s->m, s->n, s->n));
    return run_ready(run, out);
}

const struct twin softmax_bwd_twin = {.forms = forms, .open = open};
