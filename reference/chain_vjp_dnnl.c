#include "chain_vjp/chain_vjp.h"
#include "dnnl_chain.h"

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    struct twin_run *run = run_open("chain_vjp", threads, form);
    run_chain_vjp(&(struct chain_views){
        .run = run,
        .s = s,
        .w = buf[CHAIN_VJP_W],
        .ddst = buf[CHAIN_VJP_DDST],
        .acts = buf[CHAIN_VJP_ACTS],
        .back = buf[CHAIN_VJP_BACK],
        .dsrc = s->flags & CHAIN_VJP_FLAG_NODSRC ? NULL : buf[CHAIN_VJP_DSRC]});
    return run_ready(run, out);
}

const struct twin chain_vjp_twin = {.forms = forms_dense, .open = open};
