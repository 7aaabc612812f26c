#include "dnnl.h"
#include "relu_fwd/relu_fwd.h"

static unsigned forms(const struct shape *s)
{
    (void)s;
    return FORM_BIT(FORM_PLAIN);
}

/* oneDNN's ReLU maps NaN and -0 to +0. */
static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    struct twin_run *run = run_open("relu_fwd", threads, form);
    run_relu_fwd(run, view_of(buf[RELU_FWD_DST], 1, s->n, s->n),
                 view_of(buf[RELU_FWD_SRC], 1, s->n, s->n));
    return run_ready(run, out);
}

const struct twin relu_fwd_twin = {.forms = forms, .open = open};
