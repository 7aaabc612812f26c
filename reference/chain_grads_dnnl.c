#include "chain_grads/chain_grads.h"
#include "dnnl_chain.h"

/* No weights. The square of a single row is summed in f64 by the contract, which oneDNN cannot. */
static unsigned forms(const struct shape *s)
{
    return s->m == 1 ? 0u : FORM_BIT(FORM_PLAIN);
}

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    *out = NULL;
    if (s->m == 1)
        return fail(STATUS_UNAVAILABLE, "chain_grads: oneDNN has no sums of squares in f64");
    struct twin_run *run = run_open("chain_grads", threads, form);
    run_chain_grams(&(struct chain_views){.run = run,
                                          .s = s,
                                          .src = buf[CHAIN_GRADS_SRC],
                                          .acts = buf[CHAIN_GRADS_ACTS],
                                          .back = buf[CHAIN_GRADS_BACK],
                                          .gram = buf[CHAIN_GRADS_GRAM]});
    return run_ready(run, out);
}

const struct twin chain_grads_twin = {.forms = forms, .open = open};
