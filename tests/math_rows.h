/* math_rows: the functions of simd/vec_math.h over arrays, one table per lane, and beside them what glibc's libmvec
 * and SLEEF's u10 functions compute with the same vectors. */
#ifndef TESTS_MATH_ROWS_H
#define TESTS_MATH_ROWS_H

#include <stddef.h>

#include "simd/vec_math.h"

/* dst[i] = f(src[i]); n is a multiple of 16; they do not overlap. */
typedef void math_fn(float *dst, const float *src, size_t n);

struct math_row {
    const char *name;
    double bound; /* in ULP, as the header states it */
    math_fn *run;
    math_fn *glibc, *sleef; /* NULL where this lane or this build has none */
};

/* One row for each function of VEC_MATH, in its order. */
#define COUNT_ONE(name, bound) +1
enum { MATH_ROWS = 0 VEC_MATH(COUNT_ONE) };
#undef COUNT_ONE
extern const struct math_row math_rows_model[], math_rows_avx2[], math_rows_avx512[];

#endif
