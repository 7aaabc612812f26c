/* What attention is composed of: products of many matrices at once, the gradient of softmax. */
#include <math.h>

#include "dnnl_run.h"

static bool desc_views(struct twin_run *run, struct desc *desc, struct views v)
{
    *desc = (struct desc){0};
    if (run->status) return false;
    if (v.count == 0 || v.one.rows == 0 || v.one.cols == 0) {
        run->status =
            fail(STATUS_UNAVAILABLE, "%s: oneDNN is not asked for an empty operand", run->kernel);
        return false;
    }
    /* The stride of a single row or matrix means nothing, but has to look dense. */
    if (v.one.rows == 1 && v.one.col == 1) v.one.row = v.one.cols;
    if (v.count == 1)
        v.step = v.one.rows * v.one.row > v.one.cols * v.one.col ? v.one.rows * v.one.row
                                                                 : v.one.cols * v.one.col;
    const dnnl_dims_t dims = {(dnnl_dim_t)v.count, (dnnl_dim_t)v.one.rows, (dnnl_dim_t)v.one.cols};
    const dnnl_dims_t strides = {(dnnl_dim_t)v.step, (dnnl_dim_t)v.one.row, (dnnl_dim_t)v.one.col};
    return pd_made(run, "descriptor", desc_strides(desc, 3, dims, strides));
}

void run_products(struct twin_run *run, const struct product_views *v)
{
    struct desc d[4] = {0};
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_post_ops_t ops = NULL;
    if (!run || run->status) return;
    const bool masked = v->mask.data != NULL;
    const struct views mask = {v->mask, 1, 0};
    dnnl_primitive_attr_create(&attr);
    dnnl_post_ops_create(&ops);
    dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
    if (v->scale != 1.0f) pd_made(run, "scale", attr_scale(attr, ops, v->scale));
    if (masked && desc_views(run, &d[3], mask)) pd_made(run, "mask", post_add(ops, &d[3]));
    const int at = dnnl_post_ops_len(ops) - 1;
    dnnl_primitive_attr_set_post_ops(attr, ops);
    if (desc_views(run, &d[0], v->a) && desc_views(run, &d[1], v->b) &&
        desc_views(run, &d[2], v->dst) &&
        pd_made(run, "matmul", pd_matmul(&pd, run->engine, &d[0], &d[1], NULL, &d[2], attr))) {
        if (masked && v->dst.count > 1 && pd_is_ref(pd))
            pd_made(run, "fast matmul with one mask for all", dnnl_unimplemented);
        dnnl_exec_arg_t arg[4] = {{DNNL_ARG_SRC, memory_of(run, &d[0], v->a.one.data)},
                                  {DNNL_ARG_WEIGHTS, memory_of(run, &d[1], v->b.one.data)},
                                  {DNNL_ARG_DST, memory_of(run, &d[2], v->dst.one.data)}};
        if (masked)
            arg[3] = (dnnl_exec_arg_t){DNNL_ARG_ATTR_MULTIPLE_POST_OP(at) | DNNL_ARG_SRC_1,
                                       memory_of(run, &d[3], v->mask.data)};
        step_add(run, pd, masked ? 4 : 3, arg);
    }
    dnnl_post_ops_destroy(ops);
    dnnl_primitive_attr_destroy(attr);
    desc_free_all(d, 4);
}

void run_add_column(struct twin_run *run, struct view dst, const float *column)
{
    if (!run || run->status) return;
    binary_add(run, dnnl_binary_add, dst, dst, view_of(column, dst.rows, 1, 1));
}

/* Sums of rows by a matmul with ones, the rest by binary operations. */
static void softmax_bwd_parts(struct twin_run *run, struct view grad, struct view rows)
{
    const size_t m = rows.rows, n = rows.cols;
    float *ones = run_scratch(run, n);
    const struct view product = view_of(run_scratch(run, m * n), m, n, n);
    const struct view sum = view_of(run_scratch(run, m), m, 1, 1);
    for (size_t j = 0; ones && j < n; j++) ones[j] = 1.0f;
    binary_add(run, dnnl_binary_mul, product, grad, rows);
    run_products(run, &(struct product_views){.dst = {sum, 1, 0},
                                              .a = {product, 1, 0},
                                              .b = {view_of(ones, n, 1, 1), 1, 0},
                                              .scale = 1.0f});
    binary_add(run, dnnl_binary_sub, grad, grad, sum);
    binary_add(run, dnnl_binary_mul, grad, grad, rows);
}

void run_softmax_grad(struct twin_run *run, struct view grad, struct view rows)
{
    struct desc d = {0};
    dnnl_primitive_desc_t hint = NULL, pd = NULL;
    bool vector = false;
    if (!run || run->status) return;
    if (desc_view(run, &d, rows) &&
        pd_made(run, "softmax", pd_softmax_fwd(&hint, run->engine, dnnl_forward_training, &d)) &&
        pd_softmax_bwd(&pd, run->engine, &d, hint) == dnnl_success)
        vector = !pd_is_ref(pd);
    if (pd) dnnl_primitive_desc_destroy(pd);
    if (hint) dnnl_primitive_desc_destroy(hint);
    desc_free(&d);
    if (vector)
        run_softmax_bwd(run, grad, grad, rows);
    else
        softmax_bwd_parts(run, grad, rows);
}

struct view run_causal_mask(struct twin_run *run, size_t t)
{
    float *mask = run_scratch(run, t * t);
    for (size_t i = 0; mask && i < t; i++)
        for (size_t j = i + 1; j < t; j++) mask[i * t + j] = -INFINITY;
    return view_of(mask, t, t, t);
}
