#include "../isa.h"
#include "relu_fwd.h"

relu_fwd_fn ISA(relu_fwd);

void ISA(relu_fwd)(float *dst, const float *src, size_t n)
{
    OMP_SIMD()
    for (size_t i = 0; i < n; i++) dst[i] = src[i] < 0.0f ? 0.0f : src[i];
}
