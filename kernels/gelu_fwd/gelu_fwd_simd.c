#include "../isa.h"
#include "../simd/exp2.h"
#include "../simd/gelu.h"
#include "gelu_fwd.h"

gelu_fwd_fn ISA(gelu_fwd);

V_INLINE vf with_erf(vf x)
{
    const vf c = v_max(v_set1(-GELU_FAR), x);
    return v_mul(v_mul(c, v_set1(0.5f)),
                 v_add(v_set1(1.0f), v_erf(v_mul(c, v_set1(GELU_SQRT_HALF)))));
}

V_INLINE vf with_tanh(vf x)
{
    const vf c = v_max(v_set1(-GELU_FAR), x), one = v_set1(1.0f);
    const vf y = v_mul(c, v_fma(v_set1(GELU_3), v_mul(c, c), v_set1(GELU_1)));
    const vf e = v_exp2_nonpositive(vi_float_bits(vi_or(vi_bits(y), vi_set1(0x80000000u))));
    return v_div(v_mul(c, v_select(v_lt(y, v_zero()), e, one)), v_add(one, e));
}

#define OVER(f)                                                                                    \
    for (size_t i = 0; i < full; i += VL) v_store(dst + i, f(v_load(src + i)));                    \
    if (rest) v_store_n(dst + full, f(v_load_n(src + full, rest, 0.0f)), rest);

void ISA(gelu_fwd)(float *dst, const float *src, size_t n, bool tanh)
{
    const size_t full = n - n % VL;
    const int rest = (int)(n % VL);
    if (tanh) {
        OVER(with_tanh)
    } else {
        OVER(with_erf)
    }
}
