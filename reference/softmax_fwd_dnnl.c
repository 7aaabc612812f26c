#include "dnnl.h"
#include "softmax_fwd/softmax_fwd.h"

/* Its softmax knows no temperature; rows with gaps send oneDNN to its unoptimized code. */
static unsigned forms(const struct shape *s)
{
    const bool plain = s->pad == 0 && shape_scale(s) == 1.0f;
    return plain ? FORM_BIT(FORM_PLAIN) : 0u;
}

/* One NaN in a row leaves some of it finite. */
static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    struct twin_run *run = run_open("softmax_fwd", threads, form);
    run_softmax_fwd(run, view_of(buf[SOFTMAX_FWD_DST], s->m, s->n, s->n),
                    view_of(buf[SOFTMAX_FWD_SRC], s->m, s->n, s->n));
    return run_ready(run, out);
}

const struct twin softmax_fwd_twin = {.forms = forms, .open = open};
