#include "angle_sweep/angle_sweep.h"
#include "dnnl_chain.h"

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    struct twin_run *run = run_open("angle_sweep", threads, form);
    const struct chain_views v = {.run = run,
                                  .s = s,
                                  .w = buf[ANGLE_SWEEP_W],
                                  .bias = buf[ANGLE_SWEEP_BIAS],
                                  .src = buf[ANGLE_SWEEP_SRC],
                                  .ddst = buf[ANGLE_SWEEP_DDST],
                                  .acts = buf[ANGLE_SWEEP_ACTS],
                                  .feats = buf[ANGLE_SWEEP_FEATS],
                                  .back = buf[ANGLE_SWEEP_BACK],
                                  .gram = buf[ANGLE_SWEEP_GRAM],
                                  .dst = run_scratch(run, s->m * s->n)};
    run_chain_fwd(&v);
    run_chain_vjp(&v);
    if (!(s->flags & ANGLE_SWEEP_FLAG_BACKPROP)) {
        run_chain_grams(&v);
        run_chain_jvp(&v);
    }
    return run_ready(run, out);
}

const struct twin angle_sweep_twin = {.forms = forms_dense, .open = open};
