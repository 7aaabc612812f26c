#include "chain_case.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>

static bool flag(const struct shape *s, unsigned bit)
{
    return s->flags & bit;
}

static double beta_of(const struct shape *s)
{
    return 1.0 / sqrt((double)(s->depth ? s->depth : 1));
}

/* How many layers back the skip connection of layer l begins. A branch of two that the depth cuts off is one of one layer. */
static size_t over_of(const struct shape *s, size_t l)
{
    if (!flag(s, CHAIN_FLAG_SKIP) || l == 1) return 0;
    if (!flag(s, CHAIN_FLAG_TWO)) return 1;
    if (l % 2) return 2;
    return l == s->depth ? 1 : 0;
}

static size_t inputs_of(const struct shape *s, size_t l)
{
    return l == 1 ? s->k : s->n;
}
static size_t rows_before(const struct shape *s, size_t l)
{
    return l == 1 ? 0 : s->k + (l - 2) * s->n;
}
static size_t packed_before(const struct shape *s, size_t l, bool transpose)
{
    size_t floats = 0;
    for (size_t i = 1; i < l; i++) floats += dense_pack_floats(inputs_of(s, i), s->n, transpose);
    return floats;
}

struct chain_case *chain_case(const struct shape *s, const float *packed, const float *packed_t,
                              const float *bias)
{
    struct chain_case *y = calloc(1, sizeof *y + s->depth * sizeof *y->layer);
    if (!y) out_of_memory();
    const double keep = sqrt(1.0 - beta_of(s) * beta_of(s));
    for (size_t l = 1; l <= s->depth; l++) {
        struct chain_layer *to = &y->layer[l - 1];
        to->k = inputs_of(s, l);
        to->n = s->n;
        to->over = over_of(s, l);
        to->skip = to->over ? (float)keep : 0.0f;
        /* About one over the squared norm of the inputs, so that its term is as large as the others. */
        to->rate = l % 4 == 3 ? 0.0f : (float)l / ((float)s->n + 1.0f);
        if (packed) to->w = packed + packed_before(s, l, false);
        if (packed_t) to->wt = packed_t + packed_before(s, l, true);
        if (bias && flag(s, CHAIN_FLAG_BIAS)) to->bias = bias + (l - 1) * s->n;
    }
    y->chain = (struct chain){y->layer, s->m, s->depth, .linear = flag(s, CHAIN_FLAG_LINEAR)};
    return y;
}

struct operand chain_case_w(const struct shape *s)
{
    const float gain = shape_scale(s) * sqrtf(2.0f / (float)(s->n ? s->n : 1));
    const size_t rows = s->depth ? rows_before(s, s->depth) + inputs_of(s, s->depth) : 0;
    return (struct operand){"w", ROLE_IN, TYPE_F32, rows, s->n, s->n, gain};
}

struct operand chain_case_bias(const struct shape *s)
{
    const size_t rows = flag(s, CHAIN_FLAG_BIAS) ? s->depth : 0;
    return (struct operand){"bias", ROLE_IN, TYPE_F32, rows, s->n, s->n, 0.1f};
}

struct operand chain_case_packed(const struct shape *s, bool transpose)
{
    const size_t floats = packed_before(s, s->depth + 1, transpose);
    return (struct operand){transpose ? "packed_t" : "packed",
                            ROLE_PACKED,
                            TYPE_F32,
                            floats ? 1 : 0,
                            floats,
                            floats,
                            0};
}

struct operand chain_case_layers(const struct shape *s, const char *name, enum role role,
                                 size_t layers)
{
    return (struct operand){name, role, TYPE_F32, layers * s->m, s->n, s->n, 0};
}

struct operand chain_case_gram(const struct shape *s)
{
    return (struct operand){"gram", ROLE_IN, TYPE_F32, s->depth * s->m, s->m, s->m, 0};
}

size_t chain_case_floats(const struct shape *s, size_t (*scratch)(const struct chain *c))
{
    struct chain_case *y = chain_case(s, NULL, NULL, NULL);
    const size_t floats = scratch(&y->chain);
    free(y);
    return floats;
}

void chain_case_adjust(const struct shape *s, float *w)
{
    for (size_t l = 1; l <= s->depth; l++) {
        float *from = w + rows_before(s, l) * s->n;
        for (size_t i = 0; i < inputs_of(s, l) * s->n && over_of(s, l); i++)
            from[i] *= (float)beta_of(s);
    }
}

void chain_case_adjust_gram(const struct shape *s, float *gram)
{
    const size_t m = s->m;
    double *a = calloc(m * m + 1, sizeof *a);
    if (!a) out_of_memory();
    for (size_t l = 0; l < s->depth; l++, gram += m * m) {
        for (size_t i = 0; i < m * m; i++) a[i] = (double)gram[i];
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < m; j++) {
                double sum = 0.0;
                for (size_t r = 0; r < m; r++) sum += a[i * m + r] * a[j * m + r];
                gram[i * m + j] = (float)(sum * (double)(s->n + 1) / (double)m);
            }
    }
    free(a);
}

static void prepare(const struct kernel_set *set, const struct shape *s, float *packed,
                    const float *w, bool transpose)
{
    for (size_t l = 1; l <= s->depth && packed; l++)
        set->dense_pack(&(struct dense_pack){.dst = packed + packed_before(s, l, transpose),
                                             .w = w + rows_before(s, l) * s->n,
                                             .k = inputs_of(s, l),
                                             .n = s->n,
                                             .ld_w = s->n,
                                             .transpose = transpose});
}

void chain_case_prepare(const struct kernel_set *set, const struct shape *s, float *packed,
                        float *packed_t, const float *w)
{
    prepare(set, s, packed, w, false);
    prepare(set, s, packed_t, w, true);
}

size_t chain_case_dim(const struct shape *s)
{
    return s->depth ? s->m * s->n : 0;
}

bool chain_case_keeps_features(const struct shape *s)
{
    return flag(s, CHAIN_FLAG_SKIP) && !flag(s, CHAIN_FLAG_LINEAR) && s->depth > 1;
}

double chain_case_weights(const struct shape *s)
{
    return s->depth ? (double)s->k * (double)s->n + chain_case_inner_weights(s) : 0.0;
}

double chain_case_inner_weights(const struct shape *s)
{
    return s->depth ? (double)(s->depth - 1) * (double)s->n * (double)s->n : 0.0;
}

double chain_case_bfk_flops(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n;
    return 4.0 * m * chain_case_inner_weights(s) + 2.0 * m * m * n * (double)s->depth;
}
