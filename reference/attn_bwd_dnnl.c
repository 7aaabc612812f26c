#include <math.h>

#include "attn_bwd/attn_bwd.h"
#include "dnnl.h"

/* As attn_fwd's twin: the heads of a batch element at once (plain) or head by head (matmul). */
static unsigned forms(const struct shape *s)
{
    (void)s;
    return FORM_BIT(FORM_PLAIN) | FORM_BIT(FORM_MATMUL);
}

static struct views turned(struct views v)
{
    return (struct views){view_transposed(v.one), v.count, v.step};
}

static void product(struct twin_run *run, struct views dst, struct views a, struct views b,
                    float scale)
{
    run_products(run, &(struct product_views){.dst = dst, .a = a, .b = b, .scale = scale});
}

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    const size_t t = s->n, d = s->k, wide = s->heads * d;
    const bool packed = s->flags & ATTN_BWD_FLAG_PACKED;
    const size_t ld_o = wide + s->pad, ld = (packed ? 3 * wide : wide) + s->pad;
    const size_t together = form == FORM_PLAIN ? s->heads : 1;
    const float scale = 1.0f / sqrtf((float)d), *q = buf[ATTN_BWD_Q], *dq = buf[ATTN_BWD_DQ];
    const float *k = packed ? q + wide : buf[ATTN_BWD_K];
    const float *v = packed ? q + 2 * wide : buf[ATTN_BWD_V];
    const float *dk = packed ? dq + wide : buf[ATTN_BWD_DK];
    const float *dv = packed ? dq + 2 * wide : buf[ATTN_BWD_DV];
    struct twin_run *run = run_open("attn_bwd", threads, form);
    const struct view none = {0};
    const struct view mask = s->flags & ATTN_BWD_FLAG_CAUSAL ? run_causal_mask(run, t) : none;
    const float *scores = run_scratch(run, together * t * t);
    const float *grads = run_scratch(run, together * t * t);
    const struct views p = {view_of(scores, t, t, t), together, t * t};
    const struct views ds = {view_of(grads, t, t, t), together, t * t};
    const struct view p_rows = view_of(scores, together * t, t, t);
    const struct view ds_rows = view_of(grads, together * t, t, t);
    for (size_t i = 0; i < s->m * s->heads; i += together) {
        const size_t row = i / s->heads * t, column = i % s->heads * d, at = row * ld + column;
        const float *grad = (const float *)buf[ATTN_BWD_GRAD] + row * ld_o + column;
        const struct views vq = {view_of(q + at, t, d, ld), together, d};
        const struct views vk = {view_of(k + at, t, d, ld), together, d};
        const struct views vv = {view_of(v + at, t, d, ld), together, d};
        const struct views vg = {view_of(grad, t, d, ld_o), together, d};
        run_products(run, &(struct product_views){
                              .dst = p, .a = vq, .b = turned(vk), .mask = mask, .scale = scale});
        run_softmax_fwd(run, p_rows, p_rows);
        product(run, (struct views){view_of(dv + at, t, d, ld), together, d}, turned(p), vg, 1.0f);
        product(run, ds, vg, turned(vv), 1.0f);
        run_softmax_grad(run, ds_rows, p_rows);
        product(run, (struct views){view_of(dq + at, t, d, ld), together, d}, ds, vk, scale);
        product(run, (struct views){view_of(dk + at, t, d, ld), together, d}, turned(ds), vq,
                scale);
    }
    return run_ready(run, out);
}

const struct twin attn_bwd_twin = {.forms = forms, .open = open};
