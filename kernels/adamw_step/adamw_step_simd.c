#include "../isa.h"
#include "../simd/vec.h"
#include "adamw_step.h"

adamw_step_fn ISA(adamw_step);

V_INLINE void step(const struct adamw_step *a, size_t i, int rest)
{
    const struct adamw_factors *by = &a->by;
    const vf g = v_mul(v_set1(by->scale), v_load_rest(a->dw + i, rest));
    const vf m = v_fma(v_set1(by->beta1), v_load_rest(a->m + i, rest), v_mul(v_set1(by->rest1), g));
    const vf old = v_mul(v_set1(by->beta2), v_load_rest(a->v + i, rest));
    const vf v = v_fma(v_mul(v_set1(by->rest2), g), g, old);
    const vf root = v_fma(v_sqrt(v), v_set1(by->root), v_set1(by->eps));
    const vf w = v_mul(v_set1(by->keep), v_load_rest(a->w + i, rest));
    v_store_rest(a->m + i, m, rest);
    v_store_rest(a->v + i, v, rest);
    v_store_rest(a->w + i, v_fnma(v_set1(by->rate), v_div(m, root), w), rest);
}

void ISA(adamw_step)(const struct adamw_step *a)
{
    const struct adamw_step own = *a; /* the stores cannot change it */
    size_t i = 0;
    for (; own.n - i >= VL; i += VL) step(&own, i, VL);
    if (i < own.n) step(&own, i, (int)(own.n - i));
}
