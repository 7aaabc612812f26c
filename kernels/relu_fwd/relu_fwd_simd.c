#include "../isa.h"
#include "../simd/vec.h"
#include "relu_fwd.h"

relu_fwd_fn ISA(relu_fwd);

void ISA(relu_fwd)(float *dst, const float *src, size_t n)
{
    const vf zero = v_zero();
    const size_t full = n - n % VL;
    const int rest = (int)(n % VL);
    /* max returns its second operand where either is NaN or both are zero: NaN and -0 come through.
     */
    for (size_t i = 0; i < full; i += VL) v_store(dst + i, v_max(zero, v_load(src + i)));
    if (rest) v_store_n(dst + full, v_max(zero, v_load_n(src + full, rest, 0.0f)), rest);
}
