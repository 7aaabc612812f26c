#include "bfk_product/bfk_product.h"
#include "dnnl_chain.h"

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    struct twin_run *run = run_open("bfk_product", threads, form);
    const struct chain_views v = {.run = run,
                                  .s = s,
                                  .w = buf[BFK_PRODUCT_W],
                                  .ddst = buf[BFK_PRODUCT_V],
                                  .acts = buf[BFK_PRODUCT_ACTS],
                                  .gram = buf[BFK_PRODUCT_GRAM],
                                  .dst = buf[BFK_PRODUCT_DST],
                                  .back = run_scratch(run, s->depth * s->m * s->n)};
    run_chain_vjp(&v);
    run_chain_jvp(&v);
    return run_ready(run, out);
}

const struct twin bfk_product_twin = {.forms = forms_dense, .open = open};
