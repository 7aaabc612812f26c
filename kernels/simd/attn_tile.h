/* attn_tile: the register tiles of attention, R rows of c by V panels of sixteen columns:
 *
 *   rows      c[r] = start + sum over t of a[r][t] b[t]          columns   c[r] = start + sum over t of a[t][r] b[t]
 *
 * each term by one fused step, t ascending. Which of the two says only where a lies.
 */
#ifndef SIMD_ATTN_TILE_H
#define SIMD_ATTN_TILE_H

#include <stdbool.h>

#include "pieces.h"
#include "tile.h"

/* R V sums, a row of V panels and one element that all lanes share, of 32 registers or of 16. */
/* clang-format off */
#if defined(TARGET_AVX512)
enum { TILE_R = 14, TILE_V = 2 };
#define TILES(X) \
    X(1, 1) X(2, 1) X(3, 1) X(4, 1) X(5, 1) X(6, 1) X(7, 1) X(8, 1) X(9, 1) X(10, 1) X(11, 1) \
    X(12, 1) X(13, 1) X(14, 1) \
    X(1, 2) X(2, 2) X(3, 2) X(4, 2) X(5, 2) X(6, 2) X(7, 2) X(8, 2) X(9, 2) X(10, 2) X(11, 2) \
    X(12, 2) X(13, 2) X(14, 2)
#else
enum { TILE_R = 6, TILE_V = 1 };
#define TILES(X) X(1, 1) X(2, 1) X(3, 1) X(4, 1) X(5, 1) X(6, 1)
#endif
/* clang-format on */
enum { TILE_BASES = (TILE_R + 2) / 3 };

struct attn_tile {
    float *c;
    const float *a, *b;
    size_t terms, ld_c, ld_a, ld_b;
    size_t panel_b;      /* from one panel of a row of b to the next */
    int rest;            /* columns of the last panel, 1 to 16 */
    bool load;           /* start is c, else +0 */
    const float *shrink; /* with load: start is c times these, one for each column; NULL for none */
    float *most;         /* takes the greatest c of each column; NULL for none */
};
typedef void attn_tile_fn(const struct attn_tile *t);

V_INLINE void attn_start(vf acc[TILE_R][TILE_V], const struct attn_tile *t, const int R,
                         const int V)
{
    const float *c = t->c;
    const size_t ld = t->ld_c;
    const int rest = t->rest;
    if (!t->load) {
        UNROLL_TILE(R, V, acc[i][v] = v_zero();)
        return;
    }
    UNROLL_TILE(
        R, V, acc[i][v] = v_load_rest(c + (size_t)i * ld + (size_t)v * VL, tile_rest(rest, v, V));)
    if (!t->shrink) return;
    vf shrink[TILE_V];
    UNROLL
    for (int v = 0; v < V; v++) shrink[v] = v_load(t->shrink + (size_t)v * VL);
    UNROLL_TILE(R, V, acc[i][v] = v_mul(acc[i][v], shrink[v]);)
}

V_INLINE void attn_finish(vf acc[TILE_R][TILE_V], const struct attn_tile *t, const int R,
                          const int V)
{
    /* Stores might change what t points to: read once. */
    float *c = t->c, *most = t->most;
    const size_t ld = t->ld_c;
    const int rest = t->rest;
    UNROLL_TILE(
        R, V, v_store_rest(c + (size_t)i * ld + (size_t)v * VL, acc[i][v], tile_rest(rest, v, V));)
    if (!most) return;
    UNROLL
    for (int v = 0; v < V; v++) {
        vf x = v_load(most + (size_t)v * VL);
        UNROLL
        for (int r = 0; r < R; r++) x = v_max(acc[r][v], x);
        v_store(most + (size_t)v * VL, x);
    }
}

/* Of rows every third has a base: x86 addresses base + ld_a and base + 2 ld_a. */
V_INLINE void attn_tile(const struct attn_tile *t, const bool rows, const int R, const int V)
{
    const size_t ld_a = t->ld_a, ld_b = t->ld_b, panel_b = t->panel_b, terms = t->terms;
    const int bases = rows ? (R + 2) / 3 : 1;
    const float *a[TILE_BASES], *b = t->b;
    vf acc[TILE_R][TILE_V];
    UNROLL
    for (int i = 0; i < bases; i++) a[i] = t->a + (size_t)(3 * i) * ld_a;
    attn_start(acc, t, R, V);
    for (size_t term = 0; term < terms; term++) {
        vf row[TILE_V];
        UNROLL
        for (int v = 0; v < V; v++) row[v] = tile_pin(v_load(b + (size_t)v * panel_b));
        UNROLL
        for (int r = 0; r < R; r++) {
            const vf x = tile_set1(rows ? a[r / 3][(size_t)(r % 3) * ld_a] : a[0][r]);
            UNROLL
            for (int v = 0; v < V; v++) acc[r][v] = tile_fma(x, row[v], acc[r][v]);
        }
        UNROLL
        for (int i = 0; i < bases; i++) a[i] += rows ? 1 : ld_a;
        b += ld_b;
    }
    attn_finish(acc, t, R, V);
}

#define ATTN_TILE(R, V)                                                                            \
    static __attribute__((noinline)) void attn_rows_##R##x##V(const struct attn_tile *t)           \
    {                                                                                              \
        attn_tile(t, true, R, V);                                                                  \
    }                                                                                              \
    static __attribute__((noinline)) void attn_columns_##R##x##V(const struct attn_tile *t)        \
    {                                                                                              \
        attn_tile(t, false, R, V);                                                                 \
    }
#define ATTN_ROWS(R, V) [V][R] = attn_rows_##R##x##V,
#define ATTN_COLUMNS(R, V) [V][R] = attn_columns_##R##x##V,
TILES(ATTN_TILE)
static attn_tile_fn *const attn_rows[TILE_V + 1][TILE_R + 1] = {TILES(ATTN_ROWS)};
static attn_tile_fn *const attn_columns[TILE_V + 1][TILE_R + 1] = {TILES(ATTN_COLUMNS)};

/* The tile's c is m rows of `panels` panels, at most TILE_V. */
V_INLINE void attn_sweep_rows(struct attn_tile t, size_t m, size_t panels)
{
    const size_t tiles = pieces_of(m, TILE_R);
    for (size_t i = 0; i < tiles; i++) {
        const size_t rows = piece_size(m, tiles, i);
        attn_rows[panels][rows](&t);
        t.c += rows * t.ld_c;
        t.a += rows * t.ld_a;
    }
}
V_INLINE void attn_sweep_columns(struct attn_tile t, size_t m, size_t panels)
{
    const size_t tiles = pieces_of(m, TILE_R);
    for (size_t i = 0; i < tiles; i++) {
        const size_t rows = piece_size(m, tiles, i);
        attn_columns[panels][rows](&t);
        t.c += rows * t.ld_c;
        t.a += rows;
    }
}

#endif
