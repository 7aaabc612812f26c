#include "dnnl.h"
#include "layernorm_fwd/layernorm_fwd.h"

/* oneDNN 2.6.3 and 3.13.1 take rows with gaps and read them as if they had none. */
static unsigned forms(const struct shape *s)
{
    return s->pad ? 0u : FORM_BIT(FORM_PLAIN);
}

/* oneDNN keeps the variance where ours keeps what the backward pass needs of it. */
static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    struct twin_run *run = run_open("layernorm_fwd", threads, form);
    const float *variance = run_scratch(run, s->m);
    run_layernorm_fwd(
        run, &(struct layernorm_views){.dst = view_of(buf[LAYERNORM_FWD_DST], s->m, s->n, s->n),
                                       .src = view_of(buf[LAYERNORM_FWD_SRC], s->m, s->n, s->n),
                                       .mean = buf[LAYERNORM_FWD_MEAN],
                                       .variance = variance,
                                       .gamma = buf[LAYERNORM_FWD_GAMMA],
                                       .beta = buf[LAYERNORM_FWD_BETA],
                                       .eps = LAYERNORM_FWD_SPEC_EPS});
    run_finish(run);
    run_rsqrt(run, buf[LAYERNORM_FWD_RSTD], variance, s->m, LAYERNORM_FWD_SPEC_EPS);
    return run_ready(run, out);
}

const struct twin layernorm_fwd_twin = {.forms = forms, .open = open};
