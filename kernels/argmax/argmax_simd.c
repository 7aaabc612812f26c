#include "../isa.h"
#include "../simd/softmax.h"
#include "argmax.h"

argmax_fn ISA(argmax);

/* The least column of those that equal max; n where there is none. */
static float first(const float *x, size_t n, float greatest)
{
    const size_t full = n - n % VL;
    const int rest = (int)(n % VL);
    const vf max = v_set1(greatest), none = v_set1((float)n);
    vf least = none, column = vi_to_float(vi_iota(0));
    for (size_t j = 0; j < full; j += VL) {
        least = v_min(v_select(v_eq(v_load(x + j), max), column, none), least);
        column = v_add(column, v_set1(VL));
    }
    /* Absent lanes may equal max, but lie behind all columns. */
    if (rest)
        least = v_min(v_select(v_eq(v_load_n(x + full, rest, 0.0f), max), column, none), least);
    return v_hmin(least);
}

void ISA(argmax)(const struct argmax *a)
{
    for (size_t i = 0; i < a->m; i++) {
        const float *x = a->src + i * a->ld_src;
        const size_t j = (size_t)first(x, a->n, row_max(x, a->n));
        a->dst[i] = j < a->n ? (int32_t)j : -1;
    }
}
