#include "chain_fwd/chain_fwd.h"
#include "dnnl_chain.h"

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    struct twin_run *run = run_open("chain_fwd", threads, form);
    run_chain_fwd(&(struct chain_views){.run = run,
                                        .s = s,
                                        .w = buf[CHAIN_FWD_W],
                                        .bias = buf[CHAIN_FWD_BIAS],
                                        .src = buf[CHAIN_FWD_SRC],
                                        .acts = buf[CHAIN_FWD_ACTS],
                                        .feats = buf[CHAIN_FWD_FEATS]});
    return run_ready(run, out);
}

const struct twin chain_fwd_twin = {.forms = forms_dense, .open = open};
