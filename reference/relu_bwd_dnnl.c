#include "dnnl.h"
#include "relu_bwd/relu_bwd.h"

static unsigned forms(const struct shape *s)
{
    (void)s;
    return FORM_BIT(FORM_PLAIN);
}

/* oneDNN drops the gradient where the output is NaN. */
static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    struct twin_run *run = run_open("relu_bwd", threads, form);
    run_relu_bwd(run, view_of(buf[RELU_BWD_DSRC], 1, s->n, s->n),
                 view_of(buf[RELU_BWD_DDST], 1, s->n, s->n),
                 view_of(buf[RELU_BWD_DST], 1, s->n, s->n));
    return run_ready(run, out);
}

const struct twin relu_bwd_twin = {.forms = forms, .open = open};
