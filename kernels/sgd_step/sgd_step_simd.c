#include <stdbool.h>

#include "../isa.h"
#include "../simd/vec.h"
#include "sgd_step.h"

sgd_step_fn ISA(sgd_step);

V_INLINE vf step(vf w, vf dw, vf lr, vf decay, const bool with_decay)
{
    return v_fnma(lr, with_decay ? v_fma(decay, w, dw) : dw, w);
}

V_INLINE void steps(float *w, const float *dw, float lr, float decay, size_t n,
                    const bool with_decay)
{
    enum { STEP = 4 * VL };
    const vf rate = v_set1(lr), fall = v_set1(decay);
    size_t i = 0;
    for (; n - i >= STEP; i += STEP) {
        UNROLL
        for (size_t u = 0; u < STEP; u += VL)
            v_store(w + i + u, step(v_load(w + i + u), v_load(dw + i + u), rate, fall, with_decay));
    }
    for (; n - i >= VL; i += VL)
        v_store(w + i, step(v_load(w + i), v_load(dw + i), rate, fall, with_decay));
    const int rest = (int)(n - i);
    if (!rest) return;
    const vf old = v_load_n(w + i, rest, 0.0f), gradient = v_load_n(dw + i, rest, 0.0f);
    v_store_n(w + i, step(old, gradient, rate, fall, with_decay), rest);
}

void ISA(sgd_step)(float *w, const float *dw, float lr, float decay, size_t n)
{
    if (decay == 0.0f)
        steps(w, dw, lr, decay, n, false);
    else
        steps(w, dw, lr, decay, n, true);
}
