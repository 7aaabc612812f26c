#include "dense_bwd_weights/dense_bwd_weights.h"
#include "dnnl.h"

/* A matmul has no constant weights here. */
static unsigned forms(const struct shape *s)
{
    return forms_dense(s) & ~FORM_BIT(FORM_MATMUL_PACKED);
}

/* oneDNN takes no mask: a primitive before the product writes the masked gradient to work space. */
static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    const size_t ld = s->n + s->pad;
    struct twin_run *run = run_open("dense_bwd_weights", threads, form);
    struct weights_views v = {
        .dw = view_of(buf[DENSE_BWD_WEIGHTS_DW], s->k, s->n, ld),
        .src = view_of(buf[DENSE_BWD_WEIGHTS_SRC], s->m, s->k, s->k + s->pad),
        .ddst = view_of(buf[DENSE_BWD_WEIGHTS_DDST], s->m, s->n, ld),
        .accumulate = s->flags & DENSE_BWD_WEIGHTS_FLAG_ACCUMULATE,
    };
    if (!(s->flags & DENSE_BWD_WEIGHTS_FLAG_NOBIAS))
        v.db = view_of(buf[DENSE_BWD_WEIGHTS_DB], 1, s->n, s->n);
    if (s->flags & DENSE_BWD_WEIGHTS_FLAG_MASK) {
        const struct view masked = view_of(run_scratch(run, s->m * s->n), s->m, s->n, s->n);
        run_relu_bwd(run, masked, v.ddst, view_of(buf[DENSE_BWD_WEIGHTS_ACT], s->m, s->n, ld));
        v.ddst = masked;
    }
    run_dense_bwd_weights(run, &v);
    return run_ready(run, out);
}

const struct twin dense_bwd_weights_twin = {.forms = forms, .open = open};
