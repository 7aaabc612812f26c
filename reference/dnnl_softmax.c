/* Softmax by rows. */
#include <assert.h>

#include "dnnl_run.h"

void run_softmax_fwd(struct twin_run *run, struct view dst, struct view src)
{
    struct desc d = {0};
    dnnl_primitive_desc_t pd = NULL;
    if (!run || run->status) return;
    assert(dst.row == src.row);
    if (desc_view(run, &d, src) &&
        pd_made(run, "softmax", pd_softmax_fwd(&pd, run->engine, dnnl_forward_inference, &d))) {
        const dnnl_exec_arg_t arg[] = {{DNNL_ARG_SRC, memory_of(run, &d, src.data)},
                                       {DNNL_ARG_DST, memory_of(run, &d, dst.data)}};
        step_add(run, pd, 2, arg);
    }
    desc_free_all(&d, 1);
}

void run_softmax_bwd(struct twin_run *run, struct view dsrc, struct view ddst, struct view dst)
{
    struct desc d = {0};
    dnnl_primitive_desc_t hint = NULL, pd = NULL;
    if (!run || run->status) return;
    assert(dsrc.row == dst.row && ddst.row == dst.row);
    if (desc_view(run, &d, dst) &&
        pd_made(run, "softmax", pd_softmax_fwd(&hint, run->engine, dnnl_forward_training, &d)) &&
        pd_made(run, "softmax, backward", pd_softmax_bwd(&pd, run->engine, &d, hint))) {
        const dnnl_exec_arg_t arg[] = {{DNNL_ARG_DIFF_SRC, memory_of(run, &d, dsrc.data)},
                                       {DNNL_ARG_DIFF_DST, memory_of(run, &d, ddst.data)},
                                       {DNNL_ARG_DST, memory_of(run, &d, dst.data)}};
        step_add(run, pd, 3, arg);
    }
    if (hint) dnnl_primitive_desc_destroy(hint);
    desc_free_all(&d, 1);
}
