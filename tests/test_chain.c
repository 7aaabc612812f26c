/* Chains: the feature speed formula as an identity, in f64 and by the rooms; velocities against differences of the forward pass;
 * what chain_check() says. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/perturbed_chain.h"
#include "chain_case.h"
#include "kernel.h"

static int failures;

static void within(const char *what, size_t l, double off, double allowed)
{
    if (off <= allowed) return;
    printf("%s, layer %zu: off by %.3g, allowed %.3g\n", what, l, off, allowed);
    failures++;
}

static uint64_t state = 20240229;
static double uniform(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
    return ((double)(state >> 11) + 0.5) * 0x1p-53;
}
static double normal(void)
{
    return sqrt(-2.0 * log(uniform())) * cos(6.283185307179586 * uniform());
}

static void *zeros(size_t n, size_t size)
{
    void *x = calloc(n + 1, size);
    if (!x) abort();
    return x;
}
static float *normals(size_t n, float gain)
{
    float *x = zeros(n, sizeof *x);
    for (size_t i = 0; i < n; i++) x[i] = (float)normal() * gain;
    return x;
}

/* No skip connection passes over layer l, so that all that the layers up to it do to the loss they do through f_l. */
static bool cuts(const struct chain *c, size_t l)
{
    return l == c->depth || c->layer[l].over != 2;
}

/* ---- a chain in f64: features, backward pass, gradients, velocities */

struct model {
    struct shape s;
    struct chain_case *y;
    float *w, *bias, *src, *ddst, *acts32;
    double *acts, *feats, *back, *gram, *v;
    double *dw, *db; /* gradients, as the weights and biases lie */
};

/* q_l of the input for l = 0. */
static const double *inputs(const struct model *o, size_t l, const double *src)
{
    return l ? o->acts + chain_offset(&o->y->chain, l) : src;
}

/* gram_l = q q' (+ 1), and the gradients. */
static void add_layer(struct model *o, size_t l, const double *q, double *dw, double *db)
{
    const struct chain_layer *y = &o->y->layer[l - 1];
    const size_t m = o->s.m;
    const double *b = o->back + chain_offset(&o->y->chain, l);
    double *gram = o->gram + (l - 1) * m * m;
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < m; j++) {
            double sum = y->bias ? 1.0 : 0.0;
            for (size_t p = 0; p < y->k; p++) sum += q[i * y->k + p] * q[j * y->k + p];
            gram[i * m + j] = sum;
        }
        for (size_t p = 0; p < y->k; p++)
            for (size_t j = 0; j < y->n; j++) dw[p * y->n + j] += q[i * y->k + p] * b[i * y->n + j];
        for (size_t j = 0; j < y->n && y->bias; j++) db[j] += b[i * y->n + j];
    }
}

static void model_open(struct model *o, const struct shape *s)
{
    static const float any; /* where a bias is, the layers point somewhere */
    const struct operand w = chain_case_w(s), bias = chain_case_bias(s);
    const size_t layer = s->m * s->n, all = s->depth * layer, squares = s->depth * s->m * s->m;
    *o = (struct model){.s = *s, .y = chain_case(s, NULL, NULL, &any)};
    o->w = normals(operand_elements(&w), w.gain);
    o->bias = normals(operand_elements(&bias), bias.gain);
    o->src = normals(s->m * s->k, 1.0f);
    o->ddst = normals(layer, 1.0f);
    chain_case_adjust(s, o->w);
    o->acts32 = zeros(all, sizeof *o->acts32);
    o->acts = perturbed_doubles(all);
    o->feats = perturbed_doubles(all);
    o->back = perturbed_doubles(all);
    o->v = perturbed_doubles(all);
    o->gram = perturbed_doubles(squares);
    o->dw = perturbed_doubles(operand_elements(&w));
    o->db = perturbed_doubles(operand_elements(&bias));
    struct perturbed exact = {0};
    const struct perturbed_chain chain = {&o->y->chain, o->w, o->bias};
    double *x = perturbed_doubles(s->m * s->k), *last = perturbed_doubles(layer);
    for (size_t i = 0; i < s->m * s->k; i++) x[i] = (double)o->src[i];
    for (size_t i = 0; i < layer; i++) last[i] = (double)o->ddst[i];
    perturbed_chain_fwd(&exact, &chain, o->acts, o->feats, x);
    for (size_t i = 0; i < all; i++) o->acts32[i] = (float)o->acts[i];
    perturbed_chain_vjp(&exact, &chain, o->back, NULL, last, o->acts32);
    double *dw = o->dw, *db = o->db;
    for (size_t l = 1; l <= s->depth; l++) {
        const struct chain_layer *y = &o->y->layer[l - 1];
        add_layer(o, l, inputs(o, l - 1, x), dw, db);
        dw += y->k * y->n;
        if (y->bias) db += y->n;
    }
    perturbed_chain_jvp(&exact, &chain, o->v,
                        &(struct perturbed_chain_given){o->acts32, o->back, o->gram});
    free(x);
    free(last);
}

static void model_close(struct model *o)
{
    void *const all[] = {o->y,     o->w,    o->bias, o->src, o->ddst, o->acts32, o->acts,
                         o->feats, o->back, o->gram, o->v,   o->dw,   o->db};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

static double dot(const double *x, const double *y, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

static double identity(const struct model *o)
{
    const struct chain *c = &o->y->chain;
    const double *dw = o->dw, *db = o->db;
    double decay = 0.0, worst = 0.0;
    for (size_t l = 1; l <= c->depth; l++) {
        const struct chain_layer *y = &c->layer[l - 1];
        const size_t at = chain_offset(c, l);
        decay += (double)y->rate * dot(dw, dw, y->k * y->n);
        dw += y->k * y->n;
        if (y->bias) {
            decay += (double)y->rate * dot(db, db, y->n);
            db += y->n;
        }
        if (!cuts(c, l)) continue;
        const double off = fabs(dot(o->v + at, o->back + at, c->m * y->n) / decay - 1.0);
        within("feature speed formula in f64", l, off, 1e-12);
        worst = fmax(worst, off);
    }
    return worst;
}

/* ---- velocities against central differences */

/* f_1 .. f_depth with each weight and bias at w - h rate dw. */
static void forward(const struct model *o, double h, double *feats)
{
    const struct chain *c = &o->y->chain;
    const float *w = o->w, *bias = o->bias;
    const double *dw = o->dw, *db = o->db;
    for (size_t l = 1; l <= c->depth; l++) {
        const struct chain_layer *y = &c->layer[l - 1];
        const double step = h * (double)y->rate;
        double *f = feats + chain_offset(c, l);
        const double *from = l > 1 ? f - c->m * y->k : NULL;
        for (size_t i = 0; i < c->m; i++)
            for (size_t j = 0; j < y->n; j++) {
                double sum = y->bias ? (double)bias[j] - step * db[j] : 0.0;
                if (y->over)
                    sum += (double)y->skip * feats[chain_offset(c, l - y->over) + i * y->n + j];
                for (size_t p = 0; p < y->k; p++) {
                    double q = from ? from[i * y->k + p] : (double)o->src[i * y->k + p];
                    if (from && !c->linear && q < 0.0) q = 0.0;
                    sum += q * ((double)w[p * y->n + j] - step * dw[p * y->n + j]);
                }
                f[i * y->n + j] = sum;
            }
        w += y->k * y->n;
        dw += y->k * y->n;
        if (y->bias) bias += y->n, db += y->n;
    }
}

enum { POINTS = 4 };

/* Whether the kink of a unit of row i in layer l lies between any two of the points. */
static bool crosses(const struct model *o, double *const f[POINTS], size_t l, size_t i)
{
    const size_t n = o->s.n, at = chain_offset(&o->y->chain, l) + i * n;
    for (size_t j = 0; j < n && !o->y->chain.linear; j++)
        for (int p = 1; p < POINTS; p++)
            if ((f[p][at + j] > 0.0) != (f[0][at + j] > 0.0)) return true;
    return false;
}

static void differences(const struct model *o, double *worst, double *left_out)
{
    static const double h = 1e-6;
    const struct chain *c = &o->y->chain;
    const size_t n = o->s.n, all = chain_offset(c, c->depth + 1);
    double *f[POINTS], size = 0.0;
    for (int p = 0; p < POINTS; p++) f[p] = perturbed_doubles(all);
    forward(o, h, f[0]);
    forward(o, -h, f[1]);
    forward(o, 2.0 * h, f[2]);
    forward(o, -2.0 * h, f[3]);
    for (size_t i = 0; i < all; i++) size = fmax(size, fabs(f[0][i]));
    size_t out = 0;
    for (size_t i = 0; i < c->m; i++) {
        bool crossed = false; /* by a layer before */
        for (size_t l = 1; l <= c->depth; l++) {
            const size_t at = chain_offset(c, l) + i * n;
            /* Each layer's sums round as often as they have terms; He's weights hand that on as it is. */
            const double rounds = (double)(l * (n + o->s.k + 2)) * 0x1p-53 * size / h;
            for (size_t j = at; j < at + n && !crossed; j++) {
                /* v is minus the update. */
                const double near = (f[1][j] - f[0][j]) / (2.0 * h),
                             far = (f[3][j] - f[2][j]) / (4.0 * h), off = fabs(near - o->v[j]);
                /* far is four times as far off as near. */
                within("velocity against differences", l, off, fabs(far - near) + rounds);
                *worst = fmax(*worst, off);
            }
            out += crossed ? n : 0;
            crossed |= crosses(o, f, l, i);
        }
    }
    *left_out = (double)out / (double)all;
    within("share of units left out for their kinks", 0, *left_out, 0.1);
    for (int p = 0; p < POINTS; p++) free(f[p]);
}

/* ---- the rooms */

static double sweep(const struct model *o)
{
    const struct kernel_set *set = kernel_set_best();
    const struct shape *s = &o->s;
    const struct operand pack = chain_case_packed(s, false), pack_t = chain_case_packed(s, true);
    const size_t layer = s->m * s->n, all = s->depth * layer;
    float *packed = zeros(operand_elements(&pack), sizeof *packed),
          *packed_t = zeros(operand_elements(&pack_t), sizeof *packed_t);
    chain_case_prepare(set, s, packed, packed_t, o->w);
    struct chain_case *y = chain_case(s, packed, packed_t, o->bias);
    float *work =
        zeros(3 * all + s->depth * s->m * s->m + angle_sweep_scratch(&y->chain), sizeof *work);
    double *rows = perturbed_doubles(s->depth * (CHAIN_JVP_FIELDS + 1)), worst = 0.0;
    const struct angle_sweep a = {.chain = &y->chain,
                                  .acts = work,
                                  .feats = work + all,
                                  .back = work + 2 * all,
                                  .gram = work + 3 * all,
                                  .scratch = work + 3 * all + s->depth * s->m * s->m,
                                  .grad2 = rows,
                                  .table = rows + s->depth,
                                  .src = o->src,
                                  .ddst = o->ddst};
    angle_sweep(set, 2, &a);
    for (size_t l = 1; l <= s->depth; l++) {
        within("chain_cuts() is what cuts", l, chain_cuts(&y->chain, l) != cuts(&y->chain, l), 0.0);
        if (!cuts(&y->chain, l)) continue;
        const struct angle angle = angle_of(&a, l);
        const double off =
            fabs(angle.velocity * angle.backward * angle.cosine / angle.decay_up_to - 1.0);
        within("feature speed formula by angle_sweep", l, off, 1e-5);
        within("a cosine from 0 to 1", l, angle.cosine, 1.0 + 1e-12);
        within("a cosine from 0 to 1", l, -angle.cosine, 0.0);
        worst = fmax(worst, off);
    }
    free(y);
    free(packed);
    free(packed_t);
    free(work);
    free(rows);
    return worst;
}

/* ---- chain_check() */

static void says(const struct chain_layer *layer, size_t depth, const char *sentence)
{
    const enum status status = chain_check(&(struct chain){layer, 3, depth, false});
    if (status == STATUS_DATA && strcmp(status_text(), sentence) == 0) return;
    printf("want \"%s\", got %d \"%s\"\n", sentence, (int)status, status_text());
    failures++;
}

static void sentences(void)
{
    const struct chain_layer good[] = {{.k = 7, .n = 4},
                                       {.k = 4, .n = 5},
                                       {.k = 5, .n = 4, .over = 2},
                                       {.k = 4, .n = 4, .over = 1}};
    struct chain_layer bad[4];
    for (size_t depth = 0; depth <= 4; depth++)
        if (chain_check(&(struct chain){good, 3, depth, false}) != STATUS_OK) failures++;
#define SAYS(l, field, value, sentence)                                                            \
    memcpy(bad, good, sizeof bad);                                                                 \
    bad[(l)-1].field = value;                                                                      \
    says(bad, 4, sentence)
    SAYS(2, k, 6, "layer 2 takes 6 inputs, layer 1 makes 4");
    SAYS(3, over, 3, "layer 3: a skip connection over 3 layers, not 1 or 2");
    SAYS(1, over, 1, "layer 1: a skip connection from before the first layer");
    SAYS(2, over, 2, "layer 2: a skip connection from before the first layer");
    SAYS(3, over, 1, "layer 3 makes 4 features, its skip connection brings 5");
#undef SAYS
}

int main(void)
{
    static const struct shape shapes[] = {
        {.m = 1, .n = 40, .k = 10, .depth = 12},
        {.m = 5, .n = 24, .k = 9, .depth = 8, .flags = CHAIN_FLAG_BIAS},
        {.m = 16, .n = 33, .k = 33, .depth = 5},
        {.m = 4, .n = 17, .k = 8, .depth = 6, .flags = CHAIN_FLAG_LINEAR},
        {.m = 1, .n = 32, .k = 10, .depth = 20, .flags = CHAIN_FLAG_SKIP},
        {.m = 7, .n = 20, .k = 12, .depth = 9, .flags = CHAIN_FLAG_SKIP | CHAIN_FLAG_BIAS},
        {.m = 3, .n = 24, .k = 8, .depth = 9, .flags = CHAIN_FLAG_SKIP | CHAIN_FLAG_TWO},
        {.m = 6,
         .n = 18,
         .k = 18,
         .depth = 8,
         .flags = CHAIN_FLAG_SKIP | CHAIN_FLAG_TWO | CHAIN_FLAG_BIAS}};
    sentences();
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct model o;
        double off = 0.0, left_out;
        model_open(&o, &shapes[i]);
        const double exact = identity(&o), rooms = sweep(&o);
        differences(&o, &off, &left_out);
        printf("m %zu n %zu depth %zu flags %u: identity off by %.2g in f64, %.2g by the rooms; "
               "differences "
               "by %.2g, %.2g left out\n",
               o.s.m, o.s.n, o.s.depth, o.s.flags, exact, rooms, off, left_out);
        model_close(&o);
    }
    return failures ? 2 : 0;
}
