#include "../isa.h"
#include "relu_bwd.h"

relu_bwd_fn ISA(relu_bwd);

void ISA(relu_bwd)(float *dsrc, const float *ddst, const float *dst, size_t n)
{
    OMP_SIMD()
    for (size_t i = 0; i < n; i++) dsrc[i] = !(dst[i] <= 0.0f) ? ddst[i] : 0.0f;
}
