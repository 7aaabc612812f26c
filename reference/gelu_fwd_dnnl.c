#include "dnnl.h"
#include "gelu_fwd/gelu_fwd.h"

static unsigned forms(const struct shape *s)
{
    (void)s;
    return FORM_BIT(FORM_PLAIN);
}

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    struct twin_run *run = run_open("gelu_fwd", threads, form);
    run_gelu_fwd(run, view_of(buf[GELU_FWD_DST], 1, s->n, s->n),
                 view_of(buf[GELU_FWD_SRC], 1, s->n, s->n), s->flags & GELU_FWD_FLAG_TANH);
    return run_ready(run, out);
}

const struct twin gelu_fwd_twin = {.forms = forms, .open = open};
