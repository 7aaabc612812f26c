/* Dense layers as inner products or as matmuls. */
#include "dnnl_run.h"

/* The run brings the scratchpad: see scratchpad_of(). */
static dnnl_primitive_attr_t attr_of(struct twin_run *run, bool sum, bool relu)
{
    dnnl_primitive_attr_t attr = NULL;
    dnnl_post_ops_t ops = NULL;
    dnnl_primitive_attr_create(&attr);
    dnnl_post_ops_create(&ops);
    dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
    if (sum) pd_made(run, "accumulation", post_sum(ops));
    if (relu) pd_made(run, "ReLU", post_relu(ops));
    dnnl_primitive_attr_set_post_ops(attr, ops);
    dnnl_post_ops_destroy(ops);
    return attr;
}

/* dst (+)= act(src w + bias), w as it lies, or constant and packed. */
static void matmul_add(struct twin_run *run, const struct dense_views *v, bool sum, bool packed)
{
    struct desc d[5] = {0};
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_attr_t attr = attr_of(run, sum, v->relu);
    const bool bias = v->bias.data != NULL;
    if (desc_view(run, &d[0], v->src) && desc_view(run, &d[1], v->w) &&
        desc_view(run, &d[3], v->dst) && desc_any(run, &d[4], v->w) &&
        (!bias || desc_view(run, &d[2], v->bias)) &&
        pd_made(run, "matmul",
                pd_matmul(&pd, run->engine, &d[0], &d[packed ? 4 : 1], bias ? &d[2] : NULL, &d[3],
                          attr))) {
        dnnl_exec_arg_t arg[4] = {{DNNL_ARG_SRC, memory_of(run, &d[0], v->src.data)},
                                  {DNNL_ARG_WEIGHTS, weights_for(run, pd, &d[1], v->w.data)},
                                  {DNNL_ARG_DST, memory_of(run, &d[3], v->dst.data)}};
        if (bias) arg[3] = (dnnl_exec_arg_t){DNNL_ARG_BIAS, memory_of(run, &d[2], v->bias.data)};
        step_add(run, pd, bias ? 4 : 3, arg);
    }
    dnnl_primitive_attr_destroy(attr);
    desc_free_all(d, 5);
}

static bool is_matmul(const struct twin_run *run)
{
    return run->form == FORM_MATMUL || run->form == FORM_MATMUL_PACKED;
}

void run_dense_fwd(struct twin_run *run, const struct dense_views *v)
{
    if (!run || run->status) return;
    if (is_matmul(run)) {
        matmul_add(run, v, false, run->form == FORM_MATMUL_PACKED);
        return;
    }
    struct desc src = {0}, w = {0}, any = {0}, bias = {0}, dst = {0};
    const struct view wt =
        view_transposed(v->w); /* an inner product's weights are outputs x inputs */
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_attr_t attr = attr_of(run, false, v->relu);
    const bool has_bias = v->bias.data != NULL;
    const bool packed = run->form == FORM_PACKED;
    if (desc_view(run, &src, v->src) && desc_view(run, &w, wt) && desc_view(run, &dst, v->dst) &&
        desc_any(run, &any, wt) && (!has_bias || desc_bias(run, &bias, v->bias)) &&
        pd_made(run, "inner product",
                pd_inner_fwd(&pd, run->engine, &src, packed ? &any : &w, has_bias ? &bias : NULL,
                             &dst, attr))) {
        dnnl_exec_arg_t arg[4] = {{DNNL_ARG_SRC, memory_of(run, &src, v->src.data)},
                                  {DNNL_ARG_WEIGHTS, weights_for(run, pd, &w, v->w.data)},
                                  {DNNL_ARG_DST, memory_of(run, &dst, v->dst.data)}};
        if (has_bias)
            arg[3] = (dnnl_exec_arg_t){DNNL_ARG_BIAS, memory_of(run, &bias, v->bias.data)};
        step_add(run, pd, has_bias ? 4 : 3, arg);
    }
    dnnl_primitive_attr_destroy(attr);
    desc_free_all((struct desc[]){src, w, any, bias, dst}, 5);
}

void run_dense_add(struct twin_run *run, struct view dst, struct view a, struct view b)
{
    if (!run || run->status) return;
    matmul_add(run, &(struct dense_views){.dst = dst, .src = a, .w = b}, true, false);
}

void run_dense_bwd_data(struct twin_run *run, struct view dsrc, struct view ddst, struct view w)
{
    if (!run || run->status) return;
    const struct view wt = view_transposed(w);
    if (is_matmul(run)) {
        matmul_add(run, &(struct dense_views){.dst = dsrc, .src = ddst, .w = wt}, false,
                   run->form == FORM_MATMUL_PACKED);
        return;
    }
    struct desc d[4] = {0};
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_attr_t attr = attr_of(run, false, false);
    const bool packed = run->form == FORM_PACKED;
    if (desc_view(run, &d[0], dsrc) && desc_view(run, &d[1], wt) && desc_view(run, &d[2], ddst) &&
        desc_any(run, &d[3], wt) &&
        pd_made(run, "inner product, backward data",
                pd_inner_bwd_data(&pd, run->engine, &d[0], &d[packed ? 3 : 1], &d[2], attr))) {
        const dnnl_exec_arg_t arg[3] = {
            {DNNL_ARG_DIFF_SRC, memory_of(run, &d[0], dsrc.data)},
            {DNNL_ARG_WEIGHTS, weights_for(run, pd, &d[1], w.data)},
            {DNNL_ARG_DIFF_DST, memory_of(run, &d[2], ddst.data)},
        };
        step_add(run, pd, 3, arg);
    }
    dnnl_primitive_attr_destroy(attr);
    desc_free_all(d, 4);
}

/* Two matmuls: oneDNN's matmul has no second output for the bias gradient. */
static void weights_matmul(struct twin_run *run, const struct weights_views *v)
{
    matmul_add(run,
               &(struct dense_views){.dst = v->dw, .src = view_transposed(v->src), .w = v->ddst},
               v->accumulate, false);
    if (!v->db.data) return;
    float *ones = run_scratch(run, v->ddst.rows);
    if (!ones) return;
    for (size_t i = 0; i < v->ddst.rows; i++) ones[i] = 1.0f;
    const struct view row = view_of(ones, 1, v->ddst.rows, v->ddst.rows);
    matmul_add(run, &(struct dense_views){.dst = v->db, .src = row, .w = v->ddst}, v->accumulate,
               false);
}

/* Gradients in the layout that oneDNN likes best are brought into ours in twin_finish() where
 * nothing needs them before: a framework would leave them as they are. */
static void weights_inner(struct twin_run *run, const struct weights_views *v, bool needed)
{
    struct desc src = {0}, dw = {0}, any = {0}, db = {0}, ddst = {0};
    const struct view dwt = view_transposed(v->dw);
    dnnl_primitive_desc_t pd = NULL;
    dnnl_primitive_attr_t attr = attr_of(run, false, false);
    const bool has_db = v->db.data != NULL;
    const bool packed = run->form != FORM_PLAIN;
    if (desc_view(run, &src, v->src) && desc_view(run, &dw, dwt) &&
        desc_view(run, &ddst, v->ddst) && desc_any(run, &any, dwt) &&
        (!has_db || desc_bias(run, &db, v->db)) &&
        pd_made(run, "inner product, backward weights",
                pd_inner_bwd_weights(&pd, run->engine, &src, packed ? &any : &dw,
                                     has_db ? &db : NULL, &ddst, attr))) {
        const struct desc chosen = pd_desc(pd, dnnl_query_diff_weights_md);
        const bool direct = dnnl_memory_desc_equal(desc_md(&chosen), desc_md(&dw));
        dnnl_memory_t plain = memory_of(run, &dw, v->dw.data);
        dnnl_memory_t made = direct ? plain : memory_of(run, &chosen, DNNL_MEMORY_ALLOCATE);
        dnnl_exec_arg_t arg[4] = {{DNNL_ARG_SRC, memory_of(run, &src, v->src.data)},
                                  {DNNL_ARG_DIFF_DST, memory_of(run, &ddst, v->ddst.data)},
                                  {DNNL_ARG_DIFF_WEIGHTS, made}};
        if (has_db) arg[3] = (dnnl_exec_arg_t){DNNL_ARG_DIFF_BIAS, memory_of(run, &db, v->db.data)};
        dnnl_primitive_desc_t own = NULL;
        if (!direct && dnnl_primitive_desc_clone(&own, pd) != dnnl_success) own = NULL;
        step_add(run, pd, has_db ? 4 : 3, arg);
        if (own) {
            const struct desc from = pd_desc(own, dnnl_query_diff_weights_md);
            struct steps *const to = run->to;
            if (!needed) run->to = &run->finish;
            reorder_add(run, &from, made, &dw, plain);
            run->to = to;
            hold(run, v->dw.data, made);
            dnnl_primitive_desc_destroy(own);
        }
    }
    dnnl_primitive_attr_destroy(attr);
    desc_free_all((struct desc[]){src, dw, any, db, ddst}, 5);
}

void run_dense_bwd_weights(struct twin_run *run, const struct weights_views *v)
{
    if (!run || run->status) return;
    /* A matmul has no constant weights here to pack: FORM_MATMUL_PACKED takes the other primitive
     * where that can read the rows. */
    const bool gaps = v->src.row != v->src.cols || v->ddst.row != v->ddst.cols;
    if (run->form == FORM_MATMUL || (run->form == FORM_MATMUL_PACKED && gaps)) {
        weights_matmul(run, v);
        return;
    }
    if (!v->accumulate) {
        weights_inner(run, v, false);
        return;
    }
    /* An inner product only overwrites. */
    struct weights_views fresh = *v;
    fresh.accumulate = false;
    fresh.dw = view_of(run_scratch(run, v->dw.rows * v->dw.row), v->dw.rows, v->dw.cols, v->dw.row);
    if (v->db.data) fresh.db = view_of(run_scratch(run, v->db.cols), 1, v->db.cols, v->db.cols);
    weights_inner(run, &fresh, true);
    run_sum(run, v->dw, 1.0f, v->dw, 1.0f, fresh.dw);
    if (v->db.data) run_sum(run, v->db, 1.0f, v->db, 1.0f, fresh.db);
}

/* `from` in the layout of `like`: itself, or a copy made anew in each run. */
static dnnl_memory_t like_of(struct twin_run *run, dnnl_memory_t from, dnnl_memory_t like)
{
    struct desc have = {0}, want = {0};
    if (run->status || memory_desc(from, &have) != dnnl_success ||
        memory_desc(like, &want) != dnnl_success)
        return NULL;
    if (dnnl_memory_desc_equal(desc_md(&have), desc_md(&want))) return from;
    dnnl_memory_t copy = memory_of(run, &want, DNNL_MEMORY_ALLOCATE);
    reorder_add(run, &have, from, &want, copy);
    return copy;
}

/* Weights that no product of the run has packed take the layout of their gradient. */
void run_step(struct twin_run *run, struct view w, float lr, struct view dw)
{
    struct desc d[2] = {0}, layout = {0};
    dnnl_primitive_desc_t pd = NULL;
    if (!run || run->status) return;
    dnnl_memory_t weights = held_of(run, w.data), grad = held_of(run, dw.data);
    if (!weights && !grad) {
        run_sum(run, w, 1.0f, w, -lr, dw);
        return;
    }
    /* Backward, everything that a run keeps is outputs x inputs. */
    if (desc_view(run, &d[0], view_transposed(w)) && desc_view(run, &d[1], view_transposed(dw))) {
        dnnl_memory_t plain = memory_of(run, &d[0], w.data);
        if (!grad) grad = memory_of(run, &d[1], dw.data);
        if (!weights) {
            weights = like_of(run, plain, grad);
            if (weights != plain) step_now(run);
        }
        grad = like_of(run, grad, weights);
        if (!run->status && memory_desc(weights, &layout) == dnnl_success &&
            pd_made(
                run, "sum",
                pd_sum(&pd, run->engine, &layout, (const float[2]){1.0f, -lr}, &layout, &layout))) {
            step_add(run, pd, 3,
                     (const dnnl_exec_arg_t[]){{DNNL_ARG_DST, weights},
                                               {DNNL_ARG_MULTIPLE_SRC, weights},
                                               {DNNL_ARG_MULTIPLE_SRC + 1, grad}});
            struct steps *const to = run->to;
            run->to = &run->finish;
            reorder_add(run, &layout, weights, &d[0], plain);
            run->to = to;
        }
    }
    desc_free_all(d, 2);
}
