/* softmax: what softmax_fwd and xent_fwd have in common: the greatest element of a row, and e^((x - max) / tau). */
#ifndef SIMD_SOFTMAX_H
#define SIMD_SOFTMAX_H

#include <math.h>

#include "exp2.h"

/* Of what is no NaN; -inf where nothing is. */
V_INLINE float row_max(const float *x, size_t n)
{
    enum { PARTS = 4 };
    vf m[PARTS];
    size_t j = 0;
    UNROLL
    for (size_t p = 0; p < PARTS; p++) m[p] = v_set1(-INFINITY);
    for (; n - j >= PARTS * VL; j += PARTS * VL) {
        UNROLL
        for (size_t p = 0; p < PARTS; p++) m[p] = v_max(v_load(x + j + p * VL), m[p]);
    }
    for (; n - j >= VL; j += VL) m[0] = v_max(v_load(x + j), m[0]);
    if (j < n) m[0] = v_max(v_load_n(x + j, (int)(n - j), -INFINITY), m[0]);
    return v_hmax(v_max(v_max(m[0], m[1]), v_max(m[2], m[3])));
}

/* rate = LOG2_E / tau */
V_INLINE vf row_weight(vf x, vf max, vf rate)
{
    return v_exp2_nonpositive(v_mul(v_sub(x, max), rate));
}

#endif
