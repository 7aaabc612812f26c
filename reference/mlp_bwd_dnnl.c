#include "dnnl.h"
#include "mlp_bwd/mlp_bwd.h"

static unsigned forms(const struct shape *s)
{
    /* Packing anew writes +0 into padding columns, whose words the contract keeps. */
    const bool update = s->flags & MLP_BWD_FLAG_UPDATE;
    if (update && s->n % 16 != 0) return 0;
    /* A matmul's packed weights and their gradient would be reordered in each step. */
    return forms_dense(s) & ~(update ? FORM_BIT(FORM_MATMUL_PACKED) : 0u);
}

struct layer {
    struct view w, dw, db, bias, in, out, d_in, d_out;
    bool mask, update;
    float lr;
};

/* What a framework runs for one layer: ReLU backward, both products, two updates. z holds the
 * masked gradient. */
static void layer_add(struct twin_run *run, const struct layer *l, struct view z)
{
    if (l->mask) run_relu_bwd(run, z, l->d_out, l->out);
    const struct view grad = l->mask ? z : l->d_out;
    run_dense_bwd_weights(
        run, &(struct weights_views){.dw = l->dw, .db = l->db, .src = l->in, .ddst = grad});
    if (l->d_in.data) run_dense_bwd_data(run, l->d_in, grad, l->w);
    if (!l->update) return;
    run_step(run, l->w, l->lr, l->dw);
    if (l->bias.data) run_step(run, l->bias, l->lr, l->db);
}

/* With an update the run keeps weights of its own, plain or as oneDNN wants them, as a framework
 * would, and twin_finish() packs them as ours are. */
static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    const size_t m = s->m, n = s->n, ld = n + s->pad;
    const bool update = s->flags & MLP_BWD_FLAG_UPDATE;
    float *packed = buf[MLP_BWD_PACKED];
    struct twin_run *run = run_open("mlp_bwd", threads, form);
    const struct view z = view_of(run_scratch(run, m * ld), m, n, ld);
    struct view d[2] = {view_of(run_scratch(run, m * ld), m, n, ld),
                        view_of(run_scratch(run, m * ld), m, n, ld)};
    const float *own = update ? run_scratch(run, (s->k + s->depth * n) * n) : NULL;
    for (size_t l = s->depth; l-- > 0;) {
        const size_t k = l ? n : s->k, row = l ? s->k + (l - 1) * n : 0;
        const float *acts = buf[MLP_BWD_ACTS], *w = buf[MLP_BWD_W], *dw = buf[MLP_BWD_DW];
        const float *db = buf[MLP_BWD_DB], *bias = buf[MLP_BWD_BIAS];
        struct layer layer = {
            .out = view_of(acts + l * m * ld, m, n, ld),
            .d_out = l + 1 == s->depth ? view_of(buf[MLP_BWD_DDST], m, n, ld) : d[l % 2],
            .mask = l + 1 < s->depth || !(s->flags & MLP_BWD_FLAG_LINEAR_OUT),
            .db = view_of(db + l * n, 1, n, n),
            .update = update,
            .lr = s->scale,
        };
        layer.in = l ? view_of(acts + (l - 1) * m * ld, m, n, ld)
                     : view_of(buf[MLP_BWD_SRC], m, s->k, s->k + s->pad);
        layer.d_in = l ? d[(l - 1) % 2] : view_of(NULL, m, s->k, s->k + s->pad);
        if (l == 0 && !(s->flags & MLP_BWD_FLAG_NODSRC)) layer.d_in.data = buf[MLP_BWD_DSRC];
        if (update) {
            layer.w = view_of(own + row * n, k, n, n);
            run_unpack(run, layer.w, packed + mlp_bwd_layer(s->k, n, l));
            layer.dw = view_of(run_scratch(run, k * n), k, n, n);
            layer.bias = view_of(bias + l * n, 1, n, n);
        } else {
            layer.w = view_of(w + row * ld, k, n, ld);
            layer.dw = view_of(dw + row * ld, k, n, ld);
        }
        layer_add(run, &layer, z);
    }
    run_finish(run);
    for (size_t l = 0, row = 0; update && l < s->depth; l++) {
        const size_t k = l ? n : s->k;
        run_panels(run, packed + mlp_bwd_layer(s->k, n, l), view_of(own + row * n, k, n, n));
        row += k;
    }
    return run_ready(run, out);
}

const struct twin mlp_bwd_twin = {.forms = forms, .open = open};
