/* outer_tile: the register tiles of outer.h, R rows of c by V panels of z over a block of terms. */
#ifndef SIMD_OUTER_TILE_H
#define SIMD_OUTER_TILE_H

#include <stdbool.h>

#include "tile.h"

/* A tile is R rows of c by V panels: R V sums, a row of V panels and one element of a in registers.
 */
#if defined(TARGET_AVX512) || defined(TARGET_SIMDE)
enum { OUTER_R = 14, OUTER_V = 4, OUTER_LDA = 16 };
static inline size_t outer_width(size_t rows)
{
    return rows > 6 ? 2 : 4;
}
/* clang-format off */
#define OUTER_TILES(X) \
    X(1, 1) X(2, 1) X(3, 1) X(4, 1) X(5, 1) X(6, 1) X(7, 1) X(8, 1) X(9, 1) X(10, 1) X(11, 1) \
    X(12, 1) X(13, 1) X(14, 1) \
    X(1, 2) X(2, 2) X(3, 2) X(4, 2) X(5, 2) X(6, 2) X(7, 2) X(8, 2) X(9, 2) X(10, 2) X(11, 2) \
    X(12, 2) X(13, 2) X(14, 2) \
    X(1, 3) X(2, 3) X(3, 3) X(4, 3) X(5, 3) X(6, 3) \
    X(1, 4) X(2, 4) X(3, 4) X(4, 4) X(5, 4) X(6, 4)
/* clang-format on */
#else
enum { OUTER_R = 6, OUTER_V = 2, OUTER_LDA = 8 };
static inline size_t outer_width(size_t rows)
{
    return rows > 3 ? 1 : 2;
}
#define OUTER_TILES(X) X(1, 1) X(2, 1) X(3, 1) X(4, 1) X(5, 1) X(6, 1) X(1, 2) X(2, 2) X(3, 2)
#endif

/* What the tiles of a row of tiles share. */
struct outer_tile {
    float *c, *w;
    const float *a, *z;
    size_t m, ldc, lda, ldz, ld_w;
    size_t step_z; /* from a row of a panel to the next */
    float rate;
    int rest; /* columns of the last panel, 1 to 16 */
    bool load;
};
typedef void outer_tile_fn(const struct outer_tile *t);

V_INLINE void outer_step(float *w, vf rate, vf c, int rest)
{
    v_store_rest(w, v_fnma(rate, c, v_load_rest(w, rest)), rest);
}

V_INLINE void outer_finish(vf acc[OUTER_R][OUTER_V], const struct outer_tile *t, const int R,
                           const int V)
{
    if (t->c) {
        UNROLL_TILE(R, V,
                    v_store_rest(t->c + (size_t)i * t->ldc + (size_t)v * VL, acc[i][v],
                                 tile_rest(t->rest, v, V));)
    }
    if (!t->w) return;
    const vf rate = v_set1(t->rate);
    UNROLL_TILE(R, V,
                outer_step(t->w + (size_t)v * t->ld_w + (size_t)i * VL, rate, acc[i][v],
                           tile_rest(t->rest, v, V));)
}

V_INLINE void outer_tile(const struct outer_tile *t, const int R, const int V)
{
    const float *a = t->a, *z = t->z;
    const size_t lda = t->lda, ldz = t->ldz, step_z = t->step_z;
    vf acc[OUTER_R][OUTER_V];
    if (t->load) {
        UNROLL_TILE(R, V,
                    acc[i][v] = v_load_rest(t->c + (size_t)i * t->ldc + (size_t)v * VL,
                                            tile_rest(t->rest, v, V));)
    } else {
        UNROLL_TILE(R, V, acc[i][v] = v_zero();)
    }
    /* The rows that the sums go to, into L1 at a pace that leaves room for what is read: a sum that waits for
     * memory at the end has no terms left to hide behind. */
    const float *to = t->c ? t->c : t->w;
    const size_t step_to = t->c ? t->ldc : VL, panel_to = t->c ? VL : t->ld_w;
    const size_t fetched = t->m < 2 * (size_t)R ? 0 : (size_t)R;
    for (size_t i = 0; i < t->m; i++) {
        vf row[OUTER_V];
        if (i < fetched) {
            UNROLL
            for (int v = 0; v < V; v++) __builtin_prefetch(to + (size_t)v * panel_to, 1);
            to += step_to;
        }
        UNROLL
        for (int v = 0; v < V; v++) row[v] = v_load(z + (size_t)v * ldz);
        UNROLL
        for (int r = 0; r < R; r++) {
            const vf x = tile_set1(a[r]);
            UNROLL
            for (int v = 0; v < V; v++) acc[r][v] = tile_fma(x, row[v], acc[r][v]);
        }
        a += lda;
        z += step_z;
    }
    outer_finish(acc, t, R, V);
}

#define OUTER_TILE(R, V)                                                                           \
    static __attribute__((noinline)) void outer_tile_##R##x##V(const struct outer_tile *t)         \
    {                                                                                              \
        outer_tile(t, R, V);                                                                       \
    }
OUTER_TILES(OUTER_TILE)
#define OUTER_ENTRY(R, V) [V][R] = outer_tile_##R##x##V,
static outer_tile_fn *const outer_tiles[OUTER_V + 1][OUTER_R + 1] = {OUTER_TILES(OUTER_ENTRY)};

#endif
