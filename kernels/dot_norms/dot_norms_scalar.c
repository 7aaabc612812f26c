#include <math.h>

#include "../isa.h"
#include "dot_norms.h"

enum { LANES = 16 };

dot_norms_fn ISA(dot_norms);

static double fold(double lane[LANES])
{
    for (int half = LANES / 2; half; half /= 2) {
        OMP_SIMD()
        for (int i = 0; i < half; i++) lane[i] += lane[i + half];
    }
    return lane[0];
}

void ISA(dot_norms)(double sums[DOT_NORMS_FIELDS], const float *x, const float *y, size_t n)
{
    double xy[LANES] = {0}, xx[LANES] = {0}, yy[LANES] = {0};
    for (size_t i = 0; i < n; i += LANES) {
        const size_t lanes = n - i < LANES ? n - i : LANES;
        OMP_SIMD()
        for (size_t l = 0; l < lanes; l++) {
            const double a = (double)x[i + l], b = (double)y[i + l];
            xy[l] = fma(a, b, xy[l]);
            xx[l] = fma(a, a, xx[l]);
            yy[l] = fma(b, b, yy[l]);
        }
    }
    sums[DOT_NORMS_XY] = fold(xy);
    sums[DOT_NORMS_XX] = fold(xx);
    sums[DOT_NORMS_YY] = fold(yy);
}
