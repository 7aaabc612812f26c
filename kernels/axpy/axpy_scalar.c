#include <math.h>

#include "../isa.h"
#include "axpy.h"

axpy_fn ISA(axpy);

void ISA(axpy)(float *dst, float a, const float *x, const float *y, size_t n)
{
    OMP_SIMD()
    for (size_t i = 0; i < n; i++) dst[i] = fmaf(a, x[i], y[i]);
}
