#include "../isa.h"
#include "../simd/softmax.h"
#include "softmax_fwd.h"

/* So many short rows go together: while one is folded, the others are at work. */
enum { ROWS = 4, SHORT = 256 };

softmax_fwd_fn ISA(softmax_fwd);

/* Of the weights, which go to dst but for those of the last n mod 16 elements. */
V_INLINE float sum_of(float *dst, const float *src, size_t n, float most, float rate, vf *last)
{
    const size_t full = n - n % VL;
    const int rest = (int)(n % VL);
    const vf max = v_set1(most), by = v_set1(rate);
    vf sum = v_zero();
    for (size_t j = 0; j < full; j += VL) {
        const vf e = row_weight(v_load(src + j), max, by);
        v_store(dst + j, e);
        sum = v_add(sum, e);
    }
    /* Absent elements weigh +0. */
    *last = v_zero();
    if (rest) {
        *last = row_weight(v_load_n(src + full, rest, -INFINITY), max, by);
        sum = v_add(sum, *last);
    }
    return v_sum(sum);
}

V_INLINE void divide(float *dst, size_t n, float sum, vf last)
{
    const size_t full = n - n % VL;
    const int rest = (int)(n % VL);
    const vf share = v_set1(1.0f / sum);
    for (size_t j = 0; j < full; j += VL) v_store(dst + j, v_mul(v_load(dst + j), share));
    if (rest) v_store_n(dst + full, v_mul(last, share), rest);
}

V_INLINE void take_rows(const struct softmax_fwd *a, size_t i, size_t rows)
{
    float *dst = a->dst + i * a->ld_dst, max[ROWS], sum[ROWS];
    const float *src = a->src + i * a->ld_src, rate = LOG2_E / a->tau;
    vf last[ROWS];
    for (size_t r = 0; r < rows; r++) max[r] = row_max(src + r * a->ld_src, a->n);
    for (size_t r = 0; r < rows; r++)
        sum[r] = sum_of(dst + r * a->ld_dst, src + r * a->ld_src, a->n, max[r], rate, &last[r]);
    for (size_t r = 0; r < rows; r++) divide(dst + r * a->ld_dst, a->n, sum[r], last[r]);
}

void ISA(softmax_fwd)(const struct softmax_fwd *a)
{
    size_t i = 0;
    for (; a->n <= SHORT && a->m - i >= ROWS; i += ROWS) take_rows(a, i, ROWS);
    for (; i < a->m; i++) take_rows(a, i, 1);
}
