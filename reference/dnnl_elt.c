/* Elementwise operations and copies into panels. */
#include <assert.h>

#include "dnnl_run.h"

static void eltwise_fwd_add(struct twin_run *run, dnnl_alg_kind_t alg, struct view dst,
                            struct view src)
{
    struct desc d[2] = {0};
    dnnl_primitive_desc_t pd = NULL;
    if (!run || run->status) return;
    assert(dst.row == src.row || src.rows == 1);
    if (desc_view(run, &d[0], src) && desc_view(run, &d[1], dst) &&
        pd_made(run, "elementwise operation",
                pd_eltwise_fwd(&pd, run->engine, dnnl_forward_inference, alg, &d[0], &d[1], 0.0f,
                               0.0f))) {
        const dnnl_exec_arg_t arg[2] = {{DNNL_ARG_SRC, memory_of(run, &d[0], src.data)},
                                        {DNNL_ARG_DST, memory_of(run, &d[1], dst.data)}};
        step_add(run, pd, 2, arg);
    }
    desc_free_all(d, 2);
}

void run_relu_fwd(struct twin_run *run, struct view dst, struct view src)
{
    eltwise_fwd_add(run, dnnl_eltwise_relu, dst, src);
}

void run_gelu_fwd(struct twin_run *run, struct view dst, struct view src, bool tanh)
{
    eltwise_fwd_add(run, tanh ? dnnl_eltwise_gelu_tanh : dnnl_eltwise_gelu_erf, dst, src);
}

/* data is what the algorithm differentiates by: its input or its output, as `arg_data` says. */
static void eltwise_bwd_add(struct twin_run *run, dnnl_alg_kind_t alg, struct view dsrc,
                            struct view ddst, struct view data, int arg_data)
{
    struct desc d[3] = {0};
    dnnl_primitive_desc_t hint = NULL, pd = NULL;
    if (desc_view(run, &d[0], dsrc) && desc_view(run, &d[1], ddst) && desc_view(run, &d[2], data) &&
        pd_made(run, "elementwise operation",
                pd_eltwise_fwd(&hint, run->engine, dnnl_forward_training, alg, &d[2], &d[2], 0.0f,
                               0.0f)) &&
        pd_made(run, "elementwise operation, backward",
                pd_eltwise_bwd(&pd, run->engine, alg, &d[0], &d[1], &d[2], hint))) {
        const dnnl_exec_arg_t arg[3] = {{DNNL_ARG_DIFF_SRC, memory_of(run, &d[0], dsrc.data)},
                                        {DNNL_ARG_DIFF_DST, memory_of(run, &d[1], ddst.data)},
                                        {arg_data, memory_of(run, &d[2], data.data)}};
        step_add(run, pd, 3, arg);
    }
    if (hint) dnnl_primitive_desc_destroy(hint);
    desc_free_all(d, 3);
}

static void relu_bwd_add(struct twin_run *run, struct view dsrc, struct view ddst, struct view dst)
{
    eltwise_bwd_add(run, dnnl_eltwise_relu_use_dst_for_bwd, dsrc, ddst, dst, DNNL_ARG_DST);
}

void run_relu_bwd(struct twin_run *run, struct view dsrc, struct view ddst, struct view dst)
{
    if (!run || run->status) return;
    if (ddst.rows <= 1 || (ddst.row == ddst.cols && dsrc.row == dsrc.cols)) {
        relu_bwd_add(run, dsrc, ddst, dst);
        return;
    }
    /* Rows with gaps send oneDNN to its unoptimized code: treat the gaps too, but in work space. */
    assert(ddst.row == dst.row);
    const size_t span = (ddst.rows - 1) * ddst.row + ddst.cols;
    const float *space = run_scratch(run, span);
    relu_bwd_add(run, view_of(space, 1, span, span), view_of(ddst.data, 1, span, span),
                 view_of(dst.data, 1, span, span));
    struct desc d[2] = {0};
    if (desc_view(run, &d[0], view_of(space, ddst.rows, ddst.cols, ddst.row)) &&
        desc_view(run, &d[1], dsrc))
        reorder_add(run, &d[0], memory_of(run, &d[0], space), &d[1],
                    memory_of(run, &d[1], dsrc.data));
    desc_free_all(d, 2);
}

void run_gelu_bwd(struct twin_run *run, struct view dsrc, struct view ddst, struct view src,
                  bool tanh)
{
    if (!run || run->status) return;
    eltwise_bwd_add(run, tanh ? dnnl_eltwise_gelu_tanh : dnnl_eltwise_gelu_erf, dsrc, ddst, src,
                    DNNL_ARG_SRC);
}

void run_sum(struct twin_run *run, struct view dst, float a, struct view x, float b, struct view y)
{
    struct desc d[3] = {0};
    dnnl_primitive_desc_t pd = NULL;
    if (!run || run->status) return;
    if (desc_view(run, &d[0], dst) && desc_view(run, &d[1], x) && desc_view(run, &d[2], y) &&
        pd_made(run, "sum",
                pd_sum(&pd, run->engine, &d[0], (const float[2]){a, b}, &d[1], &d[2]))) {
        const dnnl_exec_arg_t arg[3] = {
            {DNNL_ARG_DST, memory_of(run, &d[0], dst.data)},
            {DNNL_ARG_MULTIPLE_SRC, memory_of(run, &d[1], x.data)},
            {DNNL_ARG_MULTIPLE_SRC + 1, memory_of(run, &d[2], y.data)},
        };
        step_add(run, pd, 3, arg);
    }
    desc_free_all(d, 3);
}

void binary_add(struct twin_run *run, dnnl_alg_kind_t alg, struct view dst, struct view src,
                struct view by)
{
    struct desc d[3] = {0};
    dnnl_primitive_desc_t pd = NULL;
    if (desc_view(run, &d[0], src) && desc_view(run, &d[1], by) && desc_view(run, &d[2], dst) &&
        pd_made(run, "binary operation", pd_binary(&pd, run->engine, alg, &d[0], &d[1], &d[2]))) {
        step_add(run, pd, 3,
                 (const dnnl_exec_arg_t[]){{DNNL_ARG_SRC_0, memory_of(run, &d[0], src.data)},
                                           {DNNL_ARG_SRC_1, memory_of(run, &d[1], by.data)},
                                           {DNNL_ARG_DST, memory_of(run, &d[2], dst.data)}});
    }
    desc_free_all(d, 3);
}

void eltwise_add(struct twin_run *run, dnnl_memory_t dst, dnnl_memory_t src, const struct desc *d,
                 dnnl_alg_kind_t alg, const float factor[2])
{
    dnnl_primitive_desc_t pd = NULL;
    if (run->status || !pd_made(run, "elementwise operation",
                                pd_eltwise_fwd(&pd, run->engine, dnnl_forward_inference, alg, d, d,
                                               factor[0], factor[1])))
        return;
    step_add(run, pd, 2, (dnnl_exec_arg_t[]){{DNNL_ARG_SRC, src}, {DNNL_ARG_DST, dst}});
}

/* The panels are oneDNN's aBc16b of a 1 x columns x rows tensor. */
static void panels_add(struct twin_run *run, const float *panels, struct view v, bool pack)
{
    struct desc plain = {0}, panel = {0};
    if (!run || run->status) return;
    if (v.rows == 0 || v.cols == 0) {
        run->status =
            fail(STATUS_UNAVAILABLE, "%s: oneDNN is not asked for an empty operand", run->kernel);
        return;
    }
    const size_t down = v.rows * v.row, right = v.cols * v.col;
    const dnnl_dims_t dims = {1, (dnnl_dim_t)v.cols, (dnnl_dim_t)v.rows};
    const dnnl_dims_t strides = {(dnnl_dim_t)(down > right ? down : right), (dnnl_dim_t)v.col,
                                 (dnnl_dim_t)v.row};
    if (pd_made(run, "descriptor", desc_strides(&plain, 3, dims, strides)) &&
        pd_made(run, "descriptor", desc_tag(&panel, 3, dims, dnnl_aBc16b))) {
        dnnl_memory_t a = memory_of(run, &plain, v.data), b = memory_of(run, &panel, panels);
        if (pack)
            reorder_add(run, &plain, a, &panel, b);
        else
            reorder_add(run, &panel, b, &plain, a);
    }
    desc_free_all((struct desc[]){plain, panel}, 2);
}

void run_panels(struct twin_run *run, float *dst, struct view src)
{
    panels_add(run, dst, src, true);
}

void run_unpack(struct twin_run *run, struct view dst, const float *panels)
{
    panels_add(run, panels, dst, false);
    if (run) step_now(run);
}
