#include "dnnl.h"
#include "train_step/train_step.h"

enum { DEPTH_MOST = 64 };

/* Steps of soft targets and of squared errors: oneDNN cannot pick the logit of a class, nor sum a loss that the
 * gradient does not need. Weights that change in each step stay as they lie. */
static unsigned forms(const struct shape *s)
{
    const unsigned none = TRAIN_STEP_FLAG_FORWARD | TRAIN_STEP_FLAG_HARD;
    const bool pair = s->vocab == 1 && !(s->flags & TRAIN_STEP_FLAG_SQUARE);
    if (s->flags & none || pair || s->m == 0) return 0;
    return forms_dense(s) & (FORM_BIT(FORM_PLAIN) | FORM_BIT(FORM_MATMUL));
}

struct net {
    struct twin_run *run;
    const struct shape *s;
    struct mlp_layout at;
    const float *param, *grad, *src;
    struct view h[DEPTH_MOST + 1], d[DEPTH_MOST + 1];
};

static struct view scratch(const struct net *y, size_t columns)
{
    return view_of(run_scratch(y->run, y->s->m * columns), y->s->m, columns, columns);
}

static struct view weights(const struct net *y, const float *from, size_t l)
{
    const size_t n = y->at.width[l];
    return view_of(from + mlp_offset(&y->at, l), y->at.width[l - 1], n, n);
}

static struct view bias(const struct net *y, const float *from, size_t l)
{
    const size_t n = y->at.width[l];
    const float *at = from + mlp_offset(&y->at, l) + mlp_weights(&y->at, l);
    return view_of(y->at.bias ? at : NULL, 1, n, n);
}

static void forward(struct net *y)
{
    y->h[0] = view_of(y->src, y->s->m, y->s->k, y->s->k);
    for (size_t l = 1; l <= y->at.depth; l++) {
        y->h[l] = scratch(y, y->at.width[l]);
        y->d[l] = scratch(y, y->at.width[l]);
        run_dense_fwd(y->run, &(struct dense_views){.dst = y->h[l],
                                                    .src = y->h[l - 1],
                                                    .w = weights(y, y->param, l),
                                                    .bias = bias(y, y->param, l),
                                                    .relu = l < y->at.depth});
    }
}

/* The gradient of the outputs: softmax(h / tau) - probs, or h - probs, by rows. */
static void loss(const struct net *y, const float *probs, const float *dloss, float tau)
{
    const size_t n = y->s->vocab;
    struct view h = y->h[y->at.depth], d = y->d[y->at.depth];
    float by = 1.0f;
    if (!(y->s->flags & TRAIN_STEP_FLAG_SQUARE)) {
        if (tau != 1.0f) run_sum(y->run, d, 1.0f / tau, h, 0.0f, h);
        run_softmax_fwd(y->run, d, tau != 1.0f ? d : h);
        h = d;
        by = 1.0f / tau;
    }
    run_sum(y->run, d, by, h, -by, view_of(probs, y->s->m, n, n));
    run_scale_rows(y->run, d, d, dloss);
}

static void backward(const struct net *y)
{
    for (size_t l = y->at.depth; l > 0; l--) {
        run_dense_bwd_weights(y->run, &(struct weights_views){.dw = weights(y, y->grad, l),
                                                              .db = bias(y, y->grad, l),
                                                              .src = y->h[l - 1],
                                                              .ddst = y->d[l]});
        if (l == 1) break;
        run_dense_bwd_data(y->run, y->d[l - 1], y->d[l], weights(y, y->param, l));
        run_relu_bwd(y->run, y->d[l - 1], y->d[l - 1], y->h[l - 1]);
    }
}

static void update(const struct net *y, void *const buf[])
{
    const struct train_rule by = TRAIN_STEP_SPEC;
    const size_t n = mlp_parameters(&y->at);
    const struct view w = view_of(y->param, 1, n, n);
    if (y->s->flags & TRAIN_STEP_FLAG_SGD) {
        const struct view dw = view_of(y->grad, 1, n, n);
        run_sum(y->run, dw, 1.0f, dw, (float)by.decay, w);
        run_sum(y->run, w, 1.0f, w, -(float)by.lr, dw);
        return;
    }
    const struct adamw_options options = {.lr = by.lr,
                                          .beta1 = by.beta1,
                                          .beta2 = by.beta2,
                                          .eps = by.eps,
                                          .decay = by.decay,
                                          .scale = 1.0,
                                          .t = TRAIN_STEP_SPEC_STEP};
    run_adamw(y->run, &(struct adamw_views){.w = y->param,
                                            .m = buf[TRAIN_STEP_MOMENT1],
                                            .v = buf[TRAIN_STEP_MOMENT2],
                                            .dw = y->grad,
                                            .n = n,
                                            .by = adamw_factors(&options)});
}

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    size_t width[DEPTH_MOST + 1];
    if (forms(s) == 0 || s->depth > DEPTH_MOST) {
        *out = NULL;
        return fail(
            STATUS_UNAVAILABLE,
            "train_step: oneDNN composes whole steps, of distributions or values for targets");
    }
    width[0] = s->k;
    for (size_t l = 1; l < s->depth; l++) width[l] = s->n;
    width[s->depth] = s->vocab;
    struct net y = {.run = run_open("train_step", threads, form),
                    .s = s,
                    .at = {width, s->depth, !(s->flags & TRAIN_STEP_FLAG_NOBIAS)},
                    .param = buf[TRAIN_STEP_PARAM],
                    .grad = buf[TRAIN_STEP_GRAD],
                    .src = buf[TRAIN_STEP_SRC]};
    forward(&y);
    loss(&y, buf[TRAIN_STEP_PROBS], buf[TRAIN_STEP_DLOSS], TRAIN_STEP_SPEC_TAU(s->vocab));
    backward(&y);
    if (!(s->flags & TRAIN_STEP_FLAG_BACKWARD)) update(&y, buf);
    return run_ready(y.run, out);
}

const struct twin train_step_twin = {.forms = forms, .open = open};
