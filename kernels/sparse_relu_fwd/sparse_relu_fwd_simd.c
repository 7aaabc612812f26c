#include <assert.h>

#include "../isa.h"
#include "../simd/tile.h"
#include "sparse_relu_fwd.h"

sparse_relu_fwd_fn ISA(sparse_relu_fwd);

/* Vectors of inputs of the widest tile: as many sums in flight as two FMA units of four cycles want, which half the
 * registers hold. */
#if defined(TARGET_AVX512) || defined(TARGET_SIMDE)
enum { WIDEST = 8 };
#else
enum { WIDEST = 4 };
#endif

/* All rows for V vectors of inputs from j on, of which the last has `rest`. A row of a circuit has few weights, so
 * that what a weight and a row cost beside their steps is most of it: offsets in bytes are one multiplication. */
V_INLINE void tile(const struct sparse_relu_fwd *a, size_t j, int rest, const int V,
                   const bool relu)
{
    const int32_t *start = a->start, *col = a->col;
    const char *src = (const char *)(a->src + j);
    const float *value = a->value, *bias = a->bias;
    const size_t n = a->n, step = a->ld_src * sizeof(float), ld_dst = a->ld_dst;
    float *dst = a->dst + j;
    for (ptrdiff_t i = 0, p = n ? start[0] : 0; i < (ptrdiff_t)n; i++, dst += ld_dst) {
        const ptrdiff_t end = start[i + 1];
        vf acc[WIDEST];
        assert(p <= end);
        acc[0] = bias ? v_set1(bias[i]) : v_zero();
        UNROLL
        for (int v = 1; v < V; v++) acc[v] = acc[0];
        for (; p < end; p++) {
            const float *x = (const float *)(src + (size_t)col[p] * step);
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
    static __attribute__((noinline)) void sparse_1x##V(const struct sparse_relu_fwd *a, size_t j)  \
    {                                                                                              \
        if (a->relu)                                                                               \
            tile(a, j, VL, V, true);                                                               \
        else                                                                                       \
            tile(a, j, VL, V, false);                                                              \
    }
TILE(1)
TILE(2)
TILE(4)
#if defined(TARGET_AVX512) || defined(TARGET_SIMDE)
TILE(8)
#endif

static __attribute__((noinline)) void sparse_rest(const struct sparse_relu_fwd *a, size_t j,
                                                  int rest)
{
    tile(a, j, rest, 1, a->relu);
}

void ISA(sparse_relu_fwd)(const struct sparse_relu_fwd *a)
{
    const size_t m = a->m;
    size_t j = 0;
#if defined(TARGET_AVX512) || defined(TARGET_SIMDE)
    for (; m - j >= 8 * VL; j += 8 * VL) sparse_1x8(a, j);
#endif
    for (; m - j >= 4 * VL; j += 4 * VL) sparse_1x4(a, j);
    for (; m - j >= 2 * VL; j += 2 * VL) sparse_1x2(a, j);
    for (; m - j >= VL; j += VL) sparse_1x1(a, j);
    if (m > j) sparse_rest(a, j, (int)(m - j));
}
