#include <math.h>

#include "../isa.h"
#include "sgd_step.h"

sgd_step_fn ISA(sgd_step);

void ISA(sgd_step)(float *w, const float *dw, float lr, float decay, size_t n)
{
    if (decay == 0.0f) {
        OMP_SIMD()
        for (size_t i = 0; i < n; i++) w[i] = fmaf(-lr, dw[i], w[i]);
        return;
    }
    OMP_SIMD()
    for (size_t i = 0; i < n; i++) w[i] = fmaf(-lr, fmaf(decay, w[i], dw[i]), w[i]);
}
