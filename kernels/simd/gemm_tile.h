/* gemm_tile: the register tiles of gemm.h, R rows of c by V panels of b over a block of terms. A sweep runs
 * one tile down the rows of a block. */
#ifndef SIMD_GEMM_TILE_H
#define SIMD_GEMM_TILE_H

#include <stdbool.h>

#include "tile.h"

/* REGS registers make a vf. Per tile: R V REGS sums, and the smaller of R (one broadcast each) and V REGS
 * (a row of panels) is held, the other comes one by one. */
#if defined(TARGET_AVX512) || defined(TARGET_SIMDE)
enum { GEMM_R = 14, GEMM_V = 8, GEMM_REGS = 1 }; /* of 32 registers */
static const unsigned char gemm_width_of[GEMM_R + 1] = {0, 8, 4, 4, 4, 4, 4, 3,
                                                        3, 3, 2, 2, 2, 2, 2};
#else
enum { GEMM_R = 6, GEMM_V = 4, GEMM_REGS = 2 }; /* of 16 registers */
static const unsigned char gemm_width_of[GEMM_R + 1] = {0, 4, 3, 2, 1, 1, 1};
#endif
enum { GEMM_BASES = (GEMM_R + 2) / 3 };

/* What the tiles of one row sweep share. */
struct gemm_sweep {
    float *c;
    const float *a, *b, *bias, *mask, *ahead;
    size_t k, ldc, lda, ldb, ld_mask, ahead_step;
    int rest; /* columns of the last panel, 1 to 16 */
    bool load, relu;
};
typedef void gemm_sweep_fn(const struct gemm_sweep *s, size_t tiles);

V_INLINE void gemm_start(vf acc[GEMM_R][GEMM_V], const struct gemm_sweep *s, const float *c,
                         const int R, const int V)
{
    if (s->load) {
        UNROLL_TILE(R, V,
                    acc[i][v] = v_load_rest(c + (size_t)i * s->ldc + (size_t)v * VL,
                                            tile_rest(s->rest, v, V));)
        return;
    }
    vf first[GEMM_V];
    UNROLL
    for (int v = 0; v < V; v++)
        first[v] =
            s->bias ? v_load_rest(s->bias + (size_t)v * VL, tile_rest(s->rest, v, V)) : v_zero();
    UNROLL_TILE(R, V, acc[i][v] = first[v];)
}

V_INLINE void gemm_put(vf x, const struct gemm_sweep *s, float *c, const float *mask, int rest)
{
    if (s->relu) x = v_max(v_zero(), x); /* NaN and -0, the second operand, come through */
    if (mask) x = v_keep(v_nle(v_load_rest(mask, rest), v_zero()), x);
    v_store_rest(c, x, rest);
}

V_INLINE void gemm_finish(vf acc[GEMM_R][GEMM_V], const struct gemm_sweep *s, float *c,
                          const float *mask, const int R, const int V)
{
    UNROLL_TILE(R, V,
                gemm_put(acc[i][v], s, c + (size_t)i * s->ldc + (size_t)v * VL,
                         mask ? mask + (size_t)i * s->ld_mask + (size_t)v * VL : NULL,
                         tile_rest(s->rest, v, V));)
}

/* Element (i, p) of a tile whose every third row has a base: x86 addresses base + lda and base + 2 lda. */
V_INLINE vf gemm_a(const float *const base[GEMM_BASES], size_t lda, const int i)
{
    return tile_set1(base[i / 3][(size_t)(i % 3) * lda]);
}

V_INLINE void gemm_step(vf acc[GEMM_R][GEMM_V], const float *const a[GEMM_BASES], size_t lda,
                        const float *b, size_t ldb, const int R, const int V)
{
    vf x[GEMM_R], row[GEMM_V];
    if (R > V * GEMM_REGS) {
        UNROLL
        for (int v = 0; v < V; v++) row[v] = tile_pin(v_load(b + (size_t)v * ldb));
        UNROLL
        for (int i = 0; i < R; i++) {
            x[i] = gemm_a(a, lda, i);
            UNROLL
            for (int v = 0; v < V; v++) acc[i][v] = tile_fma(x[i], row[v], acc[i][v]);
        }
    } else {
        UNROLL
        for (int i = 0; i < R; i++) x[i] = gemm_a(a, lda, i);
        UNROLL_TILE(R, V, if (i == 0) row[v] = tile_pin(v_load(b + (size_t)v * ldb));
                    acc[i][v] = tile_fma(x[i], row[v], acc[i][v]);)
    }
}

V_INLINE void gemm_sweep(const struct gemm_sweep *s, size_t tiles, const int R, const int V)
{
    const size_t lda = s->lda, ldb = s->ldb, k = s->k;
    const int bases = (R + 2) / 3;
    const size_t ahead_step = s->ahead_step;
    const float *a_tile = s->a, *mask = s->mask, *ahead = s->ahead;
    float *c = s->c;
    for (size_t t = 0; t < tiles; t++) {
        const float *a[GEMM_BASES], *b = s->b;
        vf acc[GEMM_R][GEMM_V];
        UNROLL
        for (int i = 0; i < bases; i++) a[i] = a_tile + (size_t)(3 * i) * lda;
        gemm_start(acc, s, c, R, V);
        /* The next tile's rows of c, one a term: all at once they keep this tile's loads waiting. */
        const float *next = c + (size_t)R * s->ldc;
        const size_t fetched = t + 1 == tiles || k < 2 * (size_t)R ? 0 : (size_t)R;
        for (size_t p = 0; p < k; p++) {
            if (p < fetched) {
                UNROLL
                for (int v = 0; v < V; v++) __builtin_prefetch(next + (size_t)v * VL, 1);
                next += s->ldc;
            }
            /* One row is bound by loads, and its panels are read at the pace the hardware prefetches. */
            if (R > 1) {
                UNROLL
                for (int v = 0; v < V; v++) __builtin_prefetch(ahead + (size_t)v * ldb, 0, 2);
                ahead += ahead_step;
            }
            gemm_step(acc, a, lda, b, ldb, R, V);
            UNROLL
            for (int i = 0; i < bases; i++) a[i]++;
            b += VL;
        }
        gemm_finish(acc, s, c, mask, R, V);
        a_tile += (size_t)R * lda;
        c += (size_t)R * s->ldc;
        if (mask) mask += (size_t)R * s->ld_mask;
    }
}

#define GEMM_TILE(R, V)                                                                            \
    static __attribute__((noinline, unused)) void gemm_sweep_##R##x##V(const struct gemm_sweep *s, \
                                                                       size_t tiles)               \
    {                                                                                              \
        gemm_sweep(s, tiles, R, V);                                                                \
    }
#define GEMM_ENTRY(R, V) [V][R] = gemm_sweep_##R##x##V,
#if defined(TARGET_AVX512) || defined(TARGET_SIMDE)
/* clang-format off */
#define GEMM_TILES(X) \
    X(1, 1) X(2, 1) X(3, 1) X(4, 1) X(5, 1) X(6, 1) X(7, 1) X(8, 1) X(9, 1) X(10, 1) X(11, 1) \
    X(12, 1) X(13, 1) X(14, 1) \
    X(1, 2) X(2, 2) X(3, 2) X(4, 2) X(5, 2) X(6, 2) X(7, 2) X(8, 2) X(9, 2) X(10, 2) X(11, 2) \
    X(12, 2) X(13, 2) X(14, 2) \
    X(1, 3) X(2, 3) X(3, 3) X(4, 3) X(5, 3) X(6, 3) X(7, 3) X(8, 3) X(9, 3) \
    X(1, 4) X(2, 4) X(3, 4) X(4, 4) X(5, 4) X(6, 4) \
    X(1, 5) \
    X(1, 6) \
    X(1, 7) \
    X(1, 8)
/* clang-format on */
#else
#define GEMM_TILES(X)                                                                              \
    X(1, 1) X(2, 1) X(3, 1) X(4, 1) X(5, 1) X(6, 1) X(1, 2) X(2, 2) X(3, 2) X(1, 3) X(2, 3) X(1, 4)
#endif
GEMM_TILES(GEMM_TILE)
static gemm_sweep_fn *const gemm_tiles[GEMM_V + 1][GEMM_R + 1] = {GEMM_TILES(GEMM_ENTRY)};

#endif
