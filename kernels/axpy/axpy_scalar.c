#include <math.h>

#include "../isa.h"
#include "axpy.h"

axpy_fn ISA(axpy);

void ISA(axpy)(float *y, float a, const float *x, size_t n)
{
    OMP_SIMD()
    for (size_t i = 0; i < n; i++) y[i] = fmaf(a, x[i], y[i]);
}
