#include "../isa.h"
#include "../simd/vec.h"
#include "axpy.h"

axpy_fn ISA(axpy);

void ISA(axpy)(float *dst, float a, const float *x, const float *y, size_t n)
{
    enum { STEP = 4 * VL };
    const vf factor = v_set1(a);
    size_t i = 0;
    for (; n - i >= STEP; i += STEP) {
        UNROLL
        for (size_t u = 0; u < STEP; u += VL)
            v_store(dst + i + u, v_fma(factor, v_load(x + i + u), v_load(y + i + u)));
    }
    for (; n - i >= VL; i += VL) v_store(dst + i, v_fma(factor, v_load(x + i), v_load(y + i)));
    const int rest = (int)(n - i);
    if (rest)
        v_store_n(dst + i, v_fma(factor, v_load_n(x + i, rest, 0.0f), v_load_n(y + i, rest, 0.0f)),
                  rest);
}
