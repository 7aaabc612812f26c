#include <math.h>

#include "../isa.h"
#include "../simd/vec.h"
#include "moments.h"

moments_fn ISA(moments);

struct state {
    vd sum, square;
    vf min, max;
    int zero, subnormal, nonfinite;
};

static inline __attribute__((always_inline)) void take(struct state *s, vf x)
{
    const vi bits = vi_and(vi_bits(x), vi_set1(0x7fffffff));
    const vm finite = vi_gt(vi_set1(0x7f800000), bits);
    const vf kept = v_keep(finite, x);
    s->sum = vd_add(s->sum, kept);
    s->square = vd_fma(kept, kept, s->square);
    s->min = v_min(v_select(finite, x, v_set1(INFINITY)), s->min);
    s->max = v_max(v_select(finite, x, v_set1(-INFINITY)), s->max);
    const int zeros = v_count(vi_eq(bits, vi_set1(0)));
    s->zero += zeros;
    s->subnormal += v_count(vi_gt(vi_set1(0x00800000), bits)) - zeros;
    s->nonfinite += VL - v_count(finite);
}

void ISA(moments)(struct moments_part *part, const float *src, size_t n)
{
    const size_t full = n - n % VL;
    const int rest = (int)(n % VL);
    struct state s = {vd_zero(), vd_zero(), v_set1(INFINITY), v_set1(-INFINITY), 0, 0, 0};
    for (size_t i = 0; i < full; i += VL) take(&s, v_load(src + i));
    /* Absent lanes are NaN: counted as not finite, and taken off again. */
    if (rest) {
        take(&s, v_load_n(src + full, rest, NAN));
        s.nonfinite -= VL - rest;
    }
    *part = (struct moments_part){.sum = vd_sum(s.sum),
                                  .square = vd_sum(s.square),
                                  .min = (double)v_hmin(s.min),
                                  .max = (double)v_hmax(s.max),
                                  .zero = s.zero,
                                  .subnormal = s.subnormal,
                                  .nonfinite = s.nonfinite};
}
