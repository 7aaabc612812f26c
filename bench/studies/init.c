#include "studies/init.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double gain_of(const struct init *init)
{
    return init->gain == 0.0 ? 1.0 : init->gain;
}

double init_deviation(const struct init *init, size_t k, size_t n)
{
    const double in = (double)(k ? k : 1), out = (double)(n ? n : 1);
    const double of[INIT_KINDS] = {[INIT_LINEAR] = sqrt(1.0 / (3.0 * in)),
                                   [INIT_HE] = sqrt(2.0 / in),
                                   [INIT_XAVIER] = sqrt(2.0 / (in + out)),
                                   [INIT_LECUN] = sqrt(1.0 / in),
                                   [INIT_FIXED] = 1.0,
                                   [INIT_ORTHOGONAL] = sqrt(1.0 / fmax(in, out))};
    return gain_of(init) * of[init->kind];
}

void init_orthonormalize(const struct kernel_set *set, float *w, size_t rows, size_t n)
{
    for (size_t i = 0; i < rows; i++) {
        float *x = w + i * n;
        for (size_t pass = 0; pass < 2; pass++)
            for (size_t j = 0; j < i; j++) {
                float dot = 0.0f;
                dot_fwd(set, 1, &dot, x, w + j * n, n);
                set->axpy(x, -dot, w + j * n, x, n);
            }
        double sum[DOT_NORMS_FIELDS];
        dot_norms(set, 1, sum, x, x, n);
        const float by = (float)(1.0 / sqrt(sum[DOT_NORMS_XX]));
        for (size_t e = 0; e < n; e++) x[e] *= by;
    }
}

/* Of a tall matrix the transposed one has the orthonormal rows. */
static void orthogonal(const struct kernel_set *set, float *w, size_t k, size_t n, float gain)
{
    const bool tall = k > n;
    float *rows = tall ? malloc((k * n + 1) * sizeof *rows) : w;
    if (!rows) out_of_memory();
    for (size_t i = 0; i < k * n && tall; i++) rows[i % n * k + i / n] = w[i];
    init_orthonormalize(set, rows, tall ? n : k, tall ? k : n);
    for (size_t i = 0; i < k * n; i++) w[i] = gain * (tall ? rows[i % n * k + i / n] : w[i]);
    if (tall) free(rows);
}

/* Uniform numbers of that deviation. */
static void uniform(const struct kernel_set *set, int threads, float *dst, size_t n,
                    double deviation, struct init_source from)
{
    const float most = (float)(sqrt(3.0) * deviation);
    uniform_fill(
        set, threads,
        &(struct uniform_fill){
            .dst = dst, .n = n, .lo = -most, .hi = most, .seed = from.seed, .stream = from.stream});
}

void init_weights(const struct kernel_set *set, int threads, const struct init *init, float *w,
                  size_t k, size_t n, struct init_source from)
{
    const double deviation = init_deviation(init, k, n);
    if (init->kind == INIT_ORTHOGONAL) {
        normal_fill(set, threads, w, k * n, 1.0f, from.seed, from.stream);
        orthogonal(set, w, k, n, (float)gain_of(init));
    } else if (init->uniform || init->kind == INIT_LINEAR) {
        uniform(set, threads, w, k * n, deviation, from);
    } else {
        normal_fill(set, threads, w, k * n, (float)deviation, from.seed, from.stream);
    }
}

void init_mlp(const struct kernel_set *set, int threads, const struct init *init, float *param,
              const struct mlp_layout *net, struct init_source from)
{
    for (size_t l = 1; l <= net->depth; l++) {
        const size_t k = net->width[l - 1], n = net->width[l];
        float *w = param + mlp_offset(net, l), *bias = w + k * n;
        const struct init_source weights = {from.seed, from.stream + 2 * l};
        init_weights(set, threads, init, w, k, n, weights);
        if (!net->bias) continue;
        memset(bias, 0, n * sizeof *bias);
        if (init->kind == INIT_LINEAR)
            uniform(set, threads, bias, n, init_deviation(init, k, n),
                    (struct init_source){from.seed, weights.stream + 1});
    }
}
