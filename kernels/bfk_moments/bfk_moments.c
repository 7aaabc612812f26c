#include "bfk_moments.h"

#include <math.h>
#include <string.h>

#include "../base/rng.h"
#include "../kernel.h"

size_t bfk_moments_scratch(const struct chain *c)
{
    return 2 * bfk_dim(c) + bfk_product_scratch(c);
}

static void draw_signs(float *z, size_t n, uint64_t seed, size_t probe)
{
    enum { BITS = 32, BLOCK = 4 * BITS };
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    uint32_t word[4];
    for (size_t i = 0; i < n; i++) {
        const uint32_t counter[4] = {(uint32_t)(i / BLOCK), (uint32_t)probe, 0, BFK_MOMENTS_STREAM};
        if (i % BLOCK == 0) philox4x32_10(counter, key, word);
        z[i] = word[i / BITS % 4] >> i % BITS & 1u ? -1.0f : 1.0f;
    }
}

struct tally {
    double mean, square;
};

/* The value of probe p joins those before it. */
static void join(struct tally *t, double x, size_t p)
{
    const double d = x - t->mean;
    t->mean += d / (double)(p + 1);
    t->square += d * (x - t->mean);
}

static double error_of(const struct tally *t, size_t probes)
{
    if (probes == 0) return 0.0;
    if (probes == 1) return NAN;
    return sqrt(t->square / ((double)probes * (double)(probes - 1)));
}

void bfk_moments(const struct kernel_set *set, int threads, const struct bfk_moments *a)
{
    const size_t dim = bfk_dim(a->chain), vectors = a->probes ? a->probes : dim;
    const double each = a->probes ? (double)dim : 1.0;
    float *z = a->scratch, *y = z + dim, *scratch = y + dim;
    struct tally one = {0}, two = {0};
    if (!a->probes) memset(z, 0, dim * sizeof *z);
    for (size_t p = 0; p < vectors && dim; p++) {
        if (a->probes)
            draw_signs(z, dim, a->seed, p);
        else
            z[p] = 1.0f;
        double sum[DOT_NORMS_FIELDS];
        bfk_product(set, threads, &(struct bfk_product){a->chain, y, z, a->acts, a->gram, scratch});
        dot_norms(set, threads, sum, z, y, dim);
        join(&one, sum[DOT_NORMS_XY] / each, p);
        join(&two, sum[DOT_NORMS_YY] / each, p);
        if (!a->probes) z[p] = 0.0f;
    }
    a->moments[BFK_MOMENT1] = dim ? one.mean : NAN;
    a->moments[BFK_MOMENT2] = dim ? two.mean : NAN;
    a->moments[BFK_MOMENT1_ERROR] = dim ? error_of(&one, a->probes) : NAN;
    a->moments[BFK_MOMENT2_ERROR] = dim ? error_of(&two, a->probes) : NAN;
}
