#include "dnnl.h"
#include "gelu_bwd/gelu_bwd.h"

static unsigned forms(const struct shape *s)
{
    (void)s;
    return FORM_BIT(FORM_PLAIN);
}

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    struct twin_run *run = run_open("gelu_bwd", threads, form);
    run_gelu_bwd(run, view_of(buf[GELU_BWD_DSRC], 1, s->n, s->n),
                 view_of(buf[GELU_BWD_DDST], 1, s->n, s->n),
                 view_of(buf[GELU_BWD_SRC], 1, s->n, s->n), s->flags & GELU_BWD_FLAG_TANH);
    return run_ready(run, out);
}

const struct twin gelu_bwd_twin = {.forms = forms, .open = open};
