#include "dnnl.h"
#include "layernorm_bwd/layernorm_bwd.h"

/* oneDNN reads rows with gaps as if they had none, and overwrites all gradients. */
static unsigned forms(const struct shape *s)
{
    return s->pad || s->flags ? 0u : FORM_BIT(FORM_PLAIN);
}

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    struct twin_run *run = run_open("layernorm_bwd", threads, form);
    const float *rstd = buf[LAYERNORM_BWD_RSTD];
    float *variance = run_scratch(run, s->m);
    /* What its forward pass would have left: the inverse of its rstd. */
    for (size_t i = 0; variance && i < s->m; i++)
        variance[i] =
            (float)(1.0 / ((double)rstd[i] * (double)rstd[i]) - (double)LAYERNORM_BWD_SPEC_EPS);
    run_layernorm_bwd(
        run, &(struct layernorm_views){.dst = view_of(buf[LAYERNORM_BWD_DDST], s->m, s->n, s->n),
                                       .src = view_of(buf[LAYERNORM_BWD_SRC], s->m, s->n, s->n),
                                       .mean = buf[LAYERNORM_BWD_MEAN],
                                       .variance = variance,
                                       .gamma = buf[LAYERNORM_BWD_GAMMA],
                                       .eps = LAYERNORM_BWD_SPEC_EPS,
                                       .dsrc = view_of(buf[LAYERNORM_BWD_DSRC], s->m, s->n, s->n),
                                       .dgamma = buf[LAYERNORM_BWD_DGAMMA],
                                       .dbeta = buf[LAYERNORM_BWD_DBETA]});
    return run_ready(run, out);
}

const struct twin layernorm_bwd_twin = {.forms = forms, .open = open};
