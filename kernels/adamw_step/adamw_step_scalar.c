#include <math.h>

#include "../isa.h"
#include "adamw_step.h"

adamw_step_fn ISA(adamw_step);

void ISA(adamw_step)(const struct adamw_step *a)
{
    const struct adamw_factors by = a->by;
    float *w = a->w, *m = a->m, *v = a->v;
    const float *dw = a->dw;
    OMP_SIMD()
    for (size_t i = 0; i < a->n; i++) {
        const float g = by.scale * dw[i];
        m[i] = fmaf(by.beta1, m[i], by.rest1 * g);
        v[i] = fmaf(by.rest2 * g, g, by.beta2 * v[i]);
        w[i] = fmaf(-by.rate, m[i] / fmaf(sqrtf(v[i]), by.root, by.eps), by.keep * w[i]);
    }
}
