#include "../isa.h"
#include "../simd/vec.h"
#include "dot_norms.h"

dot_norms_fn ISA(dot_norms);

struct state {
    vd xy, xx, yy;
};

V_INLINE void take(struct state *s, vf x, vf y)
{
    s->xy = vd_fma(x, y, s->xy);
    s->xx = vd_fma(x, x, s->xx);
    s->yy = vd_fma(y, y, s->yy);
}

void ISA(dot_norms)(double sums[DOT_NORMS_FIELDS], const float *x, const float *y, size_t n)
{
    const size_t full = n - n % VL;
    const int rest = (int)(n % VL);
    struct state s = {vd_zero(), vd_zero(), vd_zero()};
    for (size_t i = 0; i < full; i += VL) take(&s, v_load(x + i), v_load(y + i));
    /* Absent lanes add +0, which no lane notices: none is ever -0, for it starts as +0 and no
     * product underflows in f64. */
    if (rest) take(&s, v_load_n(x + full, rest, 0.0f), v_load_n(y + full, rest, 0.0f));
    sums[DOT_NORMS_XY] = vd_sum(s.xy);
    sums[DOT_NORMS_XX] = vd_sum(s.xx);
    sums[DOT_NORMS_YY] = vd_sum(s.yy);
}
