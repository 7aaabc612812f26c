#include "perturbed_gpt2.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "perturbed_block.h"

static const double U = 0x1p-24, LEAST = 0x1p-149;

/* What the forward pass keeps: x is the residual stream before each block and behind the last. */
struct state {
    const struct perturbed_gpt2 *a;
    struct gpt2_layout at;
    size_t m, c;
    struct perturbed_attn size;
    double *x, *acts, *h, *stat, *logits;
};

/* So many parameters from `from` on, in memory to be freed or where they are. */
struct some {
    const double *x;
    double *own;
};
static struct some take(const struct perturbed_gpt2 *a, size_t from, size_t n)
{
    if (!a->single) return (struct some){a->param + from, NULL};
    double *x = perturbed_doubles(n);
    for (size_t i = 0; i < n; i++) x[i] = (double)a->single[from + i];
    return (struct some){x, x};
}

static struct some take_tensor(const struct state *s, enum gpt2_tensor t)
{
    const struct gpt2_size size = gpt2_size(&s->a->config, t);
    return take(s->a, s->at.offset[t], size.rows * size.cols);
}

static void embed(struct perturbed *p, const struct state *s)
{
    const struct some wte = take_tensor(s, GPT2_WTE), wpe = take_tensor(s, GPT2_WPE);
    for (size_t i = 0; i < s->m; i++) {
        const double *from = wte.x + (size_t)s->a->token[i] * s->c;
        for (size_t j = 0; j < s->c; j++)
            s->x[i * s->c + j] = from[j] + wpe.x[i % s->a->t * s->c + j];
    }
    perturbed_move(p, s->x, NULL, s->m * s->c);
    free(wte.own);
    free(wpe.own);
}

/* With its parameters taken. */
static struct perturbed_block block(const struct state *s, size_t l, struct some *param)
{
    *param =
        take(s->a, s->at.offset[GPT2_LN_1_WEIGHT] + l * s->at.layer_stride, s->at.layer_stride);
    return (struct perturbed_block){.size = s->size,
                                    .param = param->x,
                                    .eps = s->a->eps,
                                    .acts = s->acts + l * perturbed_block_acts(&s->size)};
}

static struct perturbed_linear output(const struct state *s, struct some wte)
{
    return (struct perturbed_linear){
        .w = wte.x, .m = s->m, .n = s->a->config.vocab, .k = s->c, .transposed = true};
}

/* The loss of each row, and in place of the logits their gradient, where there is to be one. */
static void cross_entropy(struct perturbed *p, const struct state *s, double *loss,
                          const double *dloss)
{
    const size_t vocab = s->a->config.vocab;
    double *e = perturbed_doubles(s->m), *e_grad = perturbed_doubles(s->m * vocab);
    for (size_t i = 0; i < s->m; i++) {
        double *z = s->logits + i * vocab, most = -INFINITY, sum = 0.0;
        const size_t target = (size_t)s->a->target[i];
        for (size_t j = 0; j < vocab; j++) most = z[j] > most || isnan(z[j]) ? z[j] : most;
        for (size_t j = 0; j < vocab; j++) sum += exp(z[j] - most);
        const double lse = most + log(sum), steps = sqrt((double)vocab / 16.0 + 5.0);
        loss[i] = lse - z[target];
        e[i] = U * (steps + 2.0 * (most - z[target]) + 2.0 * fabs(log(sum)) + fabs(loss[i]));
        for (size_t j = 0; j < vocab && dloss; j++) {
            const double q = exp(z[j] - lse), hit = j == target ? 1.0 : 0.0;
            e_grad[i * vocab + j] =
                fabs(dloss[i]) *
                    (q * U * (fabs(z[j]) + 3.0 * fabs(z[j] - lse) + fabs(lse) + steps + 4.0) +
                     2.0 * U * fabs(q - hit) + 0x1p-126) +
                LEAST;
            z[j] = (q - hit) * dloss[i];
        }
    }
    perturbed_move(p, loss, e, s->m);
    if (dloss) perturbed_move(p, s->logits, e_grad, s->m * vocab);
    free(e);
    free(e_grad);
}

static void forward(struct perturbed *p, const struct state *s)
{
    const size_t all = s->m * s->c, layers = s->a->config.layers;
    embed(p, s);
    for (size_t l = 0; l < layers; l++) {
        struct some param;
        const struct perturbed_block b = block(s, l, &param);
        perturbed_block_fwd(p, &b, s->x + (l + 1) * all, s->x + l * all);
        free(param.own);
    }
    const struct some gain = take_tensor(s, GPT2_LN_F_WEIGHT);
    const struct some shift = take_tensor(s, GPT2_LN_F_BIAS), wte = take_tensor(s, GPT2_WTE);
    const struct perturbed_norm norm = {gain.x, shift.x, s->m, s->c, s->a->eps};
    const struct perturbed_linear out = output(s, wte);
    perturbed_norm_fwd(p, &norm, s->h, s->stat, s->x + layers * all);
    perturbed_linear_fwd(p, &out, s->logits, s->h);
    free(gain.own);
    free(shift.own);
    free(wte.own);
}

/* Each token's row of the table, and each position's. */
static void embed_bwd(struct perturbed *p, const struct state *s, double *grad, const double *d)
{
    double *dwte = grad + s->at.offset[GPT2_WTE], *dwpe = grad + s->at.offset[GPT2_WPE];
    for (size_t i = 0; i < s->m; i++)
        for (size_t j = 0; j < s->c; j++) {
            dwte[(size_t)s->a->token[i] * s->c + j] += d[i * s->c + j];
            dwpe[i % s->a->t * s->c + j] += d[i * s->c + j];
        }
    perturbed_move(p, dwte, NULL, s->a->config.vocab * s->c);
    perturbed_move(p, dwpe, NULL, s->a->config.context * s->c);
}

static void backward(struct perturbed *p, const struct state *s, double *grad)
{
    const size_t all = s->m * s->c, layers = s->a->config.layers;
    double *d = perturbed_doubles(2 * all), *dh = d + all;
    const struct some gain = take_tensor(s, GPT2_LN_F_WEIGHT), wte = take_tensor(s, GPT2_WTE);
    const struct perturbed_norm norm = {gain.x, NULL, s->m, s->c, s->a->eps};
    const struct perturbed_linear out = output(s, wte);
    perturbed_linear_bwd(p, &out, dh, grad + s->at.offset[GPT2_WTE], NULL, s->logits, s->h);
    perturbed_norm_bwd(p, &norm, d, grad + s->at.offset[GPT2_LN_F_WEIGHT],
                       grad + s->at.offset[GPT2_LN_F_BIAS], dh, s->x + layers * all, s->stat);
    free(gain.own);
    free(wte.own);
    for (size_t l = layers; l-- > 0;) {
        struct some param;
        const struct perturbed_block b = block(s, l, &param);
        perturbed_block_bwd(p, &b, d,
                            grad + s->at.offset[GPT2_LN_1_WEIGHT] + l * s->at.layer_stride,
                            s->x + l * all);
        free(param.own);
    }
    embed_bwd(p, s, grad, d);
    free(d);
}

void perturbed_gpt2(struct perturbed *p, const struct perturbed_gpt2 *a, double *loss, double *grad,
                    const double *dloss)
{
    struct state s = {.a = a, .at = gpt2_layout(&a->config), .m = a->batch * a->t};
    s.c = a->config.channels;
    s.size = (struct perturbed_attn){a->batch, a->t, a->config.heads,
                                     a->config.heads ? s.c / a->config.heads : 0};
    const size_t all = s.m * s.c, layers = a->config.layers;
    double *memory = perturbed_doubles((layers + 2) * all + layers * perturbed_block_acts(&s.size) +
                                       2 * s.m + s.m * a->config.vocab);
    s.x = memory;
    s.h = s.x + (layers + 1) * all;
    s.stat = s.h + all;
    s.logits = s.stat + 2 * s.m;
    s.acts = s.logits + s.m * a->config.vocab;
    if (grad) memset(grad, 0, s.at.count * sizeof *grad);
    if (s.m) {
        forward(p, &s);
        cross_entropy(p, &s, loss, grad ? dloss : NULL);
        if (grad) backward(p, &s, grad);
    }
    free(memory);
}
