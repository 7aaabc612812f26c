#include <math.h>

#include "attn_fwd/attn_fwd.h"
#include "dnnl.h"

/* oneDNN has no attention: matmul, softmax, matmul, of the heads of a batch element at once (plain) or head by head
 * (matmul). What a causal mask hides is computed too; open() finds out whether one mask serves several heads. */
static unsigned forms(const struct shape *s)
{
    if (s->flags & ATTN_FWD_FLAG_LSE) return 0;
    return FORM_BIT(FORM_PLAIN) | FORM_BIT(FORM_MATMUL);
}

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    const size_t t = s->n, d = s->k, wide = s->heads * d;
    const bool packed = s->flags & ATTN_FWD_FLAG_PACKED;
    const size_t ld_o = wide + s->pad, ld = (packed ? 3 * wide : wide) + s->pad;
    const size_t together = form == FORM_PLAIN ? s->heads : 1;
    const float *o = buf[ATTN_FWD_O], *q = buf[ATTN_FWD_Q];
    const float *k = packed ? q + wide : buf[ATTN_FWD_K];
    const float *v = packed ? q + 2 * wide : buf[ATTN_FWD_V];
    if (s->flags & ATTN_FWD_FLAG_LSE) {
        *out = NULL;
        return fail(STATUS_UNAVAILABLE, "attn_fwd: oneDNN's softmax keeps no log-sum-exp");
    }
    struct twin_run *run = run_open("attn_fwd", threads, form);
    const float *scores = run_scratch(run, together * t * t);
    const struct view none = {0}, rows = view_of(scores, together * t, t, t);
    const struct view mask = s->flags & ATTN_FWD_FLAG_CAUSAL ? run_causal_mask(run, t) : none;
    const struct views p = {view_of(scores, t, t, t), together, t * t};
    for (size_t i = 0; i < s->m * s->heads; i += together) {
        const size_t row = i / s->heads * t, column = i % s->heads * d, at = row * ld + column;
        run_products(run, &(struct product_views){
                              .dst = p,
                              .a = {view_of(q + at, t, d, ld), together, d},
                              .b = {view_transposed(view_of(k + at, t, d, ld)), together, d},
                              .mask = mask,
                              .scale = 1.0f / sqrtf((float)d)});
        run_softmax_fwd(run, rows, rows);
        run_products(run, &(struct product_views){
                              .dst = {view_of(o + row * ld_o + column, t, d, ld_o), together, d},
                              .a = p,
                              .b = {view_of(v + at, t, d, ld), together, d},
                              .scale = 1.0f});
    }
    return run_ready(run, out);
}

const struct twin attn_fwd_twin = {.forms = forms, .open = open};
