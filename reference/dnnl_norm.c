/* Layer normalization. */
#include <assert.h>

#include "dnnl_run.h"

enum { DATA, STAT, ELEMENT, DESCS };

/* A matrix, one number a row, one number a column. */
static bool descs_of(struct twin_run *run, struct desc d[DESCS], struct view data)
{
    const struct view row = view_of(data.data, 1, data.rows, data.rows);
    const struct view col = view_of(data.data, 1, data.cols, data.cols);
    return desc_view(run, &d[DATA], data) && desc_bias(run, &d[STAT], row) &&
           desc_bias(run, &d[ELEMENT], col);
}

void run_layernorm_fwd(struct twin_run *run, const struct layernorm_views *v)
{
    struct desc d[DESCS] = {0};
    dnnl_primitive_desc_t pd = NULL;
    if (!run || run->status) return;
    assert(v->dst.row == v->src.row);
    if (descs_of(run, d, v->src) &&
        pd_made(run, "layer normalization",
                pd_layernorm_fwd(&pd, run->engine, &d[DATA], &d[STAT], v->eps))) {
        const dnnl_exec_arg_t arg[] = {
            {DNNL_ARG_SRC, memory_of(run, &d[DATA], v->src.data)},
            {DNNL_ARG_DST, memory_of(run, &d[DATA], v->dst.data)},
            {DNNL_ARG_MEAN, memory_of(run, &d[STAT], v->mean)},
            {DNNL_ARG_VARIANCE, memory_of(run, &d[STAT], v->variance)},
            {DNNL_ARG_SCALE, memory_of(run, &d[ELEMENT], v->gamma)},
            {DNNL_ARG_SHIFT, memory_of(run, &d[ELEMENT], v->beta)},
        };
        step_add(run, pd, sizeof arg / sizeof *arg, arg);
    }
    desc_free_all(d, DESCS);
}

void run_layernorm_bwd(struct twin_run *run, const struct layernorm_views *v)
{
    struct desc d[DESCS] = {0};
    dnnl_primitive_desc_t hint = NULL, pd = NULL;
    if (!run || run->status) return;
    assert(v->dst.row == v->src.row && v->dsrc.row == v->src.row);
    if (descs_of(run, d, v->src) &&
        pd_made(run, "layer normalization",
                pd_layernorm_fwd(&hint, run->engine, &d[DATA], &d[STAT], v->eps)) &&
        pd_made(run, "layer normalization, backward",
                pd_layernorm_bwd(&pd, run->engine, &d[DATA], &d[STAT], v->eps, hint))) {
        const dnnl_exec_arg_t arg[] = {
            {DNNL_ARG_SRC, memory_of(run, &d[DATA], v->src.data)},
            {DNNL_ARG_DIFF_DST, memory_of(run, &d[DATA], v->dst.data)},
            {DNNL_ARG_MEAN, memory_of(run, &d[STAT], v->mean)},
            {DNNL_ARG_VARIANCE, memory_of(run, &d[STAT], v->variance)},
            {DNNL_ARG_SCALE, memory_of(run, &d[ELEMENT], v->gamma)},
            {DNNL_ARG_SHIFT, memory_of(run, &d[ELEMENT], v->gamma)},
            {DNNL_ARG_DIFF_SRC, memory_of(run, &d[DATA], v->dsrc.data)},
            {DNNL_ARG_DIFF_SCALE, memory_of(run, &d[ELEMENT], v->dgamma)},
            {DNNL_ARG_DIFF_SHIFT, memory_of(run, &d[ELEMENT], v->dbeta)},
        };
        step_add(run, pd, sizeof arg / sizeof *arg, arg);
    }
    if (hint) dnnl_primitive_desc_destroy(hint);
    desc_free_all(d, DESCS);
}

void run_rsqrt(struct twin_run *run, const float *dst, const float *src, size_t n, float eps)
{
    struct desc d = {0};
    if (!run || run->status) return;
    if (desc_view(run, &d, view_of(dst, 1, n, n))) {
        dnnl_memory_t to = memory_of(run, &d, dst);
        eltwise_add(run, to, memory_of(run, &d, src), &d, dnnl_eltwise_linear,
                    (const float[]){1.0f, eps});
        eltwise_add(run, to, to, &d, dnnl_eltwise_pow, (const float[]){1.0f, -0.5f});
    }
    desc_free(&d);
}
