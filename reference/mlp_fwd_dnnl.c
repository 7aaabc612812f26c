#include "dnnl.h"
#include "mlp_fwd/mlp_fwd.h"

/* One primitive a layer, as a framework would run them. */
static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    const size_t ld = s->n + s->pad;
    const size_t kept = s->flags & MLP_FWD_FLAG_PINGPONG ? 2 : s->depth;
    const float *acts = buf[MLP_FWD_ACTS], *w = buf[MLP_FWD_W], *bias = buf[MLP_FWD_BIAS];
    struct view src = view_of(buf[MLP_FWD_SRC], s->m, s->k, s->k + s->pad);
    struct twin_run *run = run_open("mlp_fwd", threads, form);
    for (size_t l = 0; l < s->depth; l++) {
        const struct view dst = view_of(acts + l % kept * s->m * ld, s->m, s->n, ld);
        const bool last = l + 1 == s->depth;
        run_dense_fwd(run, &(struct dense_views){
                               .dst = dst,
                               .src = src,
                               .w = view_of(w, src.cols, s->n, ld),
                               .bias = view_of(bias + l * s->n, 1, s->n, s->n),
                               .relu = !(last && s->flags & MLP_FWD_FLAG_LINEAR_OUT),
                           });
        w += src.cols * ld;
        src = dst;
    }
    return run_ready(run, out);
}

const struct twin mlp_fwd_twin = {.forms = forms_dense, .open = open};
