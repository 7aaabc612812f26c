#include "chain_jvp/chain_jvp.h"
#include "dnnl_chain.h"

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    struct twin_run *run = run_open("chain_jvp", threads, form);
    run_chain_jvp(&(struct chain_views){.run = run,
                                        .s = s,
                                        .w = buf[CHAIN_JVP_W],
                                        .acts = buf[CHAIN_JVP_ACTS],
                                        .back = buf[CHAIN_JVP_BACK],
                                        .gram = buf[CHAIN_JVP_GRAM],
                                        .dst = buf[CHAIN_JVP_DST]});
    return run_ready(run, out);
}

const struct twin chain_jvp_twin = {.forms = forms_dense, .open = open};
