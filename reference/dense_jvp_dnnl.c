#include "dense_jvp/dense_jvp.h"
#include "dnnl.h"

/* Both products in place, the second as a sum on the first, then what oneDNN has no post-operation for: the
 * skip connection and the mask, each a primitive of its own. */
static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    const size_t m = s->m, n = s->n, k = s->k, q = s->depth, pad = s->pad;
    const struct view dst = view_of(buf[DENSE_JVP_DST], m, n, n + pad);
    const float *db = s->flags & DENSE_JVP_FLAG_NOBIAS ? NULL : buf[DENSE_JVP_DB];
    struct twin_run *run = run_open("dense_jvp", threads, form);
    run_dense_fwd(run, &(struct dense_views){.dst = dst,
                                             .src = view_of(buf[DENSE_JVP_DSRC], m, k, k + pad),
                                             .w = view_of(buf[DENSE_JVP_W], k, n, n + pad),
                                             .bias = view_of(db, 1, n, n)});
    if (q)
        run_dense_add(run, dst, view_of(buf[DENSE_JVP_U], m, q, q + pad),
                      view_of(buf[DENSE_JVP_V], q, n, n + pad));
    if (s->flags & DENSE_JVP_FLAG_SKIP)
        run_sum(run, dst, 1.0f, dst, DENSE_JVP_SKIP, view_of(buf[DENSE_JVP_PREV], m, n, n + pad));
    if (s->flags & DENSE_JVP_FLAG_MASK)
        run_relu_bwd(run, dst, dst, view_of(buf[DENSE_JVP_ACT], m, n, n + pad));
    return run_ready(run, out);
}

const struct twin dense_jvp_twin = {.forms = forms_dense, .open = open};
