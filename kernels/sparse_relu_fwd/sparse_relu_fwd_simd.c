#include <assert.h>

#include "../isa.h"
#include "../simd/tile.h"
#include "sparse_relu_fwd.h"

sparse_relu_fwd_fn ISA(sparse_relu_fwd);

/* Inputs of a tile: as many sums in flight as two FMA units of four cycles want, which half the registers hold. */
#if defined(TARGET_AVX512) || defined(TARGET_SIMDE)
enum { WIDEST = 8 };
#else
enum { WIDEST = 4 };
#endif

/* All rows for V vectors of inputs from j on, of which the last has `rest`. */
V_INLINE void tile(const struct sparse_relu_fwd *a, size_t j, int rest, const int V)
{
    const int32_t *start = a->start, *col = a->col;
    const float *src = a->src + j, *value = a->value, *bias = a->bias;
    const size_t n = a->n, ld_src = a->ld_src, ld_dst = a->ld_dst;
    const bool relu = a->relu;
    float *dst = a->dst + j;
    for (size_t i = 0; i < n; i++, dst += ld_dst) {
        const int32_t end = start[i + 1];
        vf acc[WIDEST];
        assert(start[i] <= end);
        const vf first = bias ? v_set1(bias[i]) : v_zero();
        UNROLL
        for (int v = 0; v < V; v++) acc[v] = first;
        for (int32_t p = start[i]; p < end; p++) {
            const float *x = src + (size_t)col[p] * ld_src;
            const vf w = v_set1(value[p]);
            UNROLL
            for (int v = 0; v < V; v++)
                acc[v] = v_fma(w, v_load_rest(x + (size_t)v * VL, tile_rest(rest, v, V)), acc[v]);
        }
        UNROLL
        for (int v = 0; v < V; v++) /* NaN and -0, the second operand, come through */
            v_store_rest(dst + (size_t)v * VL, relu ? v_max(v_zero(), acc[v]) : acc[v],
                         tile_rest(rest, v, V));
    }
}

#define TILE(V)                                                                                    \
    static __attribute__((noinline, unused)) void sparse_1x##V(const struct sparse_relu_fwd *a,    \
                                                               size_t j)                           \
    {                                                                                              \
        tile(a, j, VL, V);                                                                         \
    }
TILE(1)
TILE(2)
TILE(4)
TILE(8)

static __attribute__((noinline)) void sparse_rest(const struct sparse_relu_fwd *a, size_t j,
                                                  int rest)
{
    tile(a, j, rest, 1);
}

void ISA(sparse_relu_fwd)(const struct sparse_relu_fwd *a)
{
    const size_t m = a->m;
    size_t j = 0;
    for (; WIDEST == 8 && m - j >= 8 * VL; j += 8 * VL) sparse_1x8(a, j);
    for (; m - j >= 4 * VL; j += 4 * VL) sparse_1x4(a, j);
    for (; m - j >= 2 * VL; j += 2 * VL) sparse_1x2(a, j);
    for (; m - j >= VL; j += VL) sparse_1x1(a, j);
    if (m > j) sparse_rest(a, j, (int)(m - j));
}
