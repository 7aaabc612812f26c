/* scalar: what the definitions of rows have in common; they are compiled once per scalar lane. */
#ifndef KERNELS_SCALAR_H
#define KERNELS_SCALAR_H

#include <math.h>
#include <stddef.h>

#include "isa.h"

/* Partial p takes partial p + h for h = parts / 2, .. 4, 2, 1; parts is a power of two. */
static inline float scalar_fold(float *part, int parts)
{
    for (int half = parts / 2; half; half /= 2) {
        OMP_SIMD()
        for (int p = 0; p < half; p++) part[p] += part[p + half];
    }
    return part[0];
}

/* The greatest of what is no NaN; -inf where nothing is. */
static inline float scalar_greatest(const float *x, size_t n)
{
    enum { PARTIALS = 16 };
    float part[PARTIALS], max = -INFINITY;
    for (int p = 0; p < PARTIALS; p++) part[p] = -INFINITY;
    for (size_t j = 0; j < n; j += PARTIALS) {
        const size_t parts = n - j < PARTIALS ? n - j : PARTIALS;
        OMP_SIMD()
        for (size_t p = 0; p < parts; p++) part[p] = x[j + p] > part[p] ? x[j + p] : part[p];
    }
    for (int p = 0; p < PARTIALS; p++) max = part[p] > max ? part[p] : max;
    return max;
}

#endif
