#include "../isa.h"
#include "../simd/vec.h"
#include "relu_bwd.h"

relu_bwd_fn ISA(relu_bwd);

void ISA(relu_bwd)(float *dsrc, const float *ddst, const float *dst, size_t n)
{
    const vf zero = v_zero();
    const size_t full = n - n % VL;
    const int rest = (int)(n % VL);
    for (size_t i = 0; i < full; i += VL)
        v_store(dsrc + i, v_keep(v_nle(v_load(dst + i), zero), v_load(ddst + i)));
    if (rest) {
        const vm live = v_nle(v_load_n(dst + full, rest, 0.0f), zero);
        v_store_n(dsrc + full, v_keep(live, v_load_n(ddst + full, rest, 0.0f)), rest);
    }
}
