/* The random numbers: Philox by its published answers, the steps of Box-Muller over every input they can
 * meet, any range from any start, and the distribution.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "kernel.h"

/* The scalar source again, for its steps: log_of and pair. */
#define ISA_SUFFIX test
#include "normal_fill/normal_fill_scalar.c"

/* kat_vectors of Random123, philox4x32 with 10 rounds. */
static void test_known_answers(void)
{
    static const uint32_t known[][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d,
         0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09,
         0x94fdcceb, 0x5001e420, 0x24126ea1}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint32_t out[4];
        philox4x32_10(known[i], known[i] + 4, out);
        EXPECT(memcmp(out, known[i] + 6, sizeof out) == 0, "vector %zu: %08x %08x %08x %08x", i,
               out[0], out[1], out[2], out[3]);
    }
}

/* Every u that 32 random bits can make: the floats in [2^-33, 1] that are (w + 1/2) 2^-32 rounded. */
static void test_radius(void)
{
    double worst = 0.0;
    float at = 0.0f;
    for (float u = 0x1p-33f; u < 1.0f;) {
        const double r = sqrt(-2.0 * log((double)u));
        const double off = fabs((double)sqrtf(-2.0f * log_of(u)) - r) / r;
        if (!(off <= worst)) worst = off, at = u;
        /* Up to 2^-9 each w makes its own u; above, each float is one. */
        u = u < 0x1p-9f ? u + 0x1p-32f : nextafterf(u, 2.0f);
    }
    EXPECT(worst <= 0x1p-22, "r is off by %.3g 2^-22 of itself at u = %a", worst * 0x1p22,
           (double)at);
    EXPECT(sqrtf(-2.0f * log_of(1.0f)) == 0.0f, "ln 1 is not 0");
}

/* Every angle of 26 bits: the direction of the pair against the C library's, r being known. */
static void test_angle(void)
{
    const uint32_t w0 = 0x12345678;
    const float u = (float)(((double)w0 + 0.5) * 0x1p-32);
    const double r = (double)sqrtf(-2.0f * log_of(u)), quarter = acos(-1.0) / 2.0;
    double worst = 0.0;
    for (uint32_t bits = 0; bits < 1u << 26; bits++) {
        const uint32_t w1 = bits << 6;
        const double turns = (double)(w1 >> 30) + (double)(w1 << 2 >> 8) * 0x1p-24 - 0.5;
        float z[2];
        pair(w0, w1, z);
        const double c = fabs((double)z[0] / r - cos(quarter * turns));
        const double s = fabs((double)z[1] / r - sin(quarter * turns));
        if (!(c <= worst)) worst = c;
        if (!(s <= worst)) worst = s;
    }
    /* 2^-23 of the polynomials and 2^-24 of the product with r. */
    EXPECT(worst <= 0x1p-23 + 0x1p-24, "sin or cos is off by %.3g 2^-23", worst * 0x1p23);
}

/* Every lane that runs here, from any start: the words of the scalar source's single run. */
static void test_starts(void)
{
    enum { N = 1000, MOST = 200 };
    static float whole[N], part[MOST + 1];
    static const uint64_t bases[] = {0, (UINT64_C(1) << 36) - 512}; /* a carry of the counter */
    for (size_t b = 0; b < sizeof bases / sizeof *bases; b++) {
        struct normal_fill a = {
            whole, bases[b], N, 0.5f, UINT64_C(0x123456789abcdef0), UINT64_C(0xfedcba9876543210)};
        normal_fill_test(&a);
        for (int isa = 0; isa < ISA_COUNT; isa++) {
            const struct kernel_set *set = kernel_set((enum isa)isa);
            size_t wrong = 0;
            for (size_t start = 0; set && start < N - MOST; start += 7)
                for (size_t n = 0; n <= MOST; n += 1 + n / 8) {
                    a = (struct normal_fill){part, bases[b] + start, n, 0.5f, a.seed, a.stream};
                    part[n] = 42.0f;
                    set->normal_fill(&a);
                    wrong += memcmp(part, whole + start, n * sizeof *part) != 0 || part[n] != 42.0f;
                }
            EXPECT(wrong == 0, "%s: %zu ranges differ", isa_name((enum isa)isa), wrong);
        }
    }
}

enum { SAMPLES = 1 << 20 };

static int ascending(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The largest gap between the distribution of the sorted samples / width and the Gaussian one. */
static double gap(const float *sorted, double width)
{
    double most = 0.0;
    for (size_t i = 0; i < SAMPLES; i++) {
        const double p = 0.5 * erfc(-(double)sorted[i] / width / sqrt(2.0));
        most = fmax(most, fmax((double)(i + 1) / SAMPLES - p, p - (double)i / SAMPLES));
    }
    return most;
}

/* Thresholds that a right generator passes but for one seed in 1e9: 6.11 standard deviations of a mean, by
 * the central limit; for the gap sqrt(ln(2e9) / 2 / n), by the inequality of Dvoretzky, Kiefer, Wolfowitz and
 * Massart. */
static void test_distribution(float *z, uint64_t seed, uint64_t stream)
{
    const double n = SAMPLES, most = sqrt(log(2e9) / 2.0 / n);
    double power[5] = {0}, lag[3] = {0};
    static const size_t lags[] = {1, 16,
                                  32}; /* neighbours, the pair's other half, the other pair */
    normal_fill(kernel_set_best(), 1, z, SAMPLES, 1.0f, seed, stream);
    for (size_t i = 0; i < SAMPLES; i++) {
        double x = 1.0;
        for (int p = 1; p <= 4; p++) power[p] += x *= (double)z[i];
        for (int l = 0; l < 3; l++)
            if (i >= lags[l]) lag[l] += (double)z[i] * (double)z[i - lags[l]];
    }
    /* Variances of z, z^2, z^3, z^4 for a Gaussian z: 1, 2, 15, 96. */
    static const double mean[] = {0, 0, 1, 0, 3}, variance[] = {0, 1, 2, 15, 96};
    for (int p = 1; p <= 4; p++)
        EXPECT(fabs(power[p] / n - mean[p]) <= 6.11 * sqrt(variance[p] / n),
               "stream %llu: mean of z^%d is %.6f", (unsigned long long)stream, p, power[p] / n);
    for (int l = 0; l < 3; l++)
        EXPECT(fabs(lag[l] / n) <= 6.11 / sqrt(n), "stream %llu: correlation %.6f at lag %zu",
               (unsigned long long)stream, lag[l] / n, lags[l]);
    qsort(z, SAMPLES, sizeof *z, ascending);
    EXPECT(gap(z, 1.0) <= most, "stream %llu: gap %.6f", (unsigned long long)stream, gap(z, 1.0));
    EXPECT(gap(z, 1.02) > most, "a width wrong by 2 %% goes unseen: %.6f", gap(z, 1.02));
}

/* Seeds and streams that differ in one bit have nothing in common. */
static void test_streams(float *a, float *b)
{
    static const uint64_t other[][2] = {
        {0, 1}, {1, 0}, {0, UINT64_C(1) << 32}, {UINT64_C(1) << 32, 0}};
    normal_fill(kernel_set_best(), 1, a, SAMPLES, 1.0f, 0, 0);
    for (size_t o = 0; o < sizeof other / sizeof *other; o++) {
        double sum = 0.0;
        normal_fill(kernel_set_best(), 1, b, SAMPLES, 1.0f, other[o][0], other[o][1]);
        for (size_t i = 0; i < SAMPLES; i++) sum += (double)a[i] * (double)b[i];
        EXPECT(fabs(sum) <= 6.11 * sqrt((double)SAMPLES), "pair %zu: correlation %.6f", o,
               sum / SAMPLES);
    }
}

int main(void)
{
    float *a = malloc(SAMPLES * sizeof *a), *b = malloc(SAMPLES * sizeof *b);
    if (!a || !b) abort();
    test_known_answers();
    test_radius();
    test_angle();
    test_starts();
    test_distribution(a, 0, 0);
    test_distribution(a, 20261, 7);
    test_streams(a, b);
    free(a);
    free(b);
    if (failures) printf("%d failures\n", failures);
    return failures != 0;
}
