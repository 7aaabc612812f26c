/* gemm: the matrix product that the dense kernels share, inlined into each of them once per lane.
 *
 *   c[i][j] = finish(start[i][j] + sum over p of a[i][p] * b[p][j])      c is m x n, the sums over k
 *
 * start   c itself (accumulate), else bias[j], else +0.
 * finish  ReLU, or a mask that keeps where !(mask[i][j] <= 0), or nothing.
 * a       element (i, p) at a + i lda + p; a file that defines GEMM_A_TRANSPOSED before it includes this one
 *         gets a + p lda + i.
 * b       GEMM_PACKED: ceil(n / 16) panels of k x 16, 64-byte aligned, panel j at b + j ldb.
 *         GEMM_ROWS:   element (p, j) at b + p ldb + j.      GEMM_COLUMNS: at b + j ldb + p.
 *         The last two are packed block by block on the way, into this function's stack.
 * Order   every element takes its k terms one by one, p ascending, each by one fused step. Blocks over k store
 *         the sum and load it again, which keeps the words.
 * Stack   up to about 800 KiB: a block of a (where its rows would share cache sets) and one of b.
 *
 * Blocks: a register tile of R rows x V panels keeps its sums in registers over a block of KC terms; all
 * rows of a block of MC pass by one group of V panels, which thus stays in L1 or L2; the block of a
 * stays in L2. Rows are dealt out evenly, so that no tile is much smaller than the largest. One row uses each
 * panel once: there no block over k is worth its stores.
 */
#ifndef SIMD_GEMM_H
#define SIMD_GEMM_H

#include <stdbool.h>
#include <string.h>

#include "vec.h"

enum gemm_layout { GEMM_PACKED, GEMM_ROWS, GEMM_COLUMNS };

struct gemm {
    float *c;
    const float *a, *b, *bias, *mask;
    size_t m, n, k;
    size_t ldc, lda, ldb, ld_mask;
    enum gemm_layout layout;
    bool accumulate, relu;
};

/* REGS registers make a vf. Per tile: R V REGS sums, and the smaller of R (one broadcast each) and V REGS
 * (a row of panels) is held, the other comes one by one. */
#if defined(TARGET_AVX512)
enum { GEMM_R = 14, GEMM_V = 8, GEMM_REGS = 1 }; /* of 32 registers */
static const unsigned char gemm_width_of[GEMM_R + 1] = {0, 8, 4, 4, 4, 4, 4, 3,
                                                        3, 3, 2, 2, 2, 2, 2};
#else
enum { GEMM_R = 6, GEMM_V = 4, GEMM_REGS = 2 }; /* of 16 registers */
static const unsigned char gemm_width_of[GEMM_R + 1] = {0, 4, 3, 2, 1, 1, 1};
#endif
enum {
    GEMM_KC = 512,           /* terms of a block: sums are stored and loaded again that seldom */
    GEMM_MC = 264,           /* rows of a block: b is read once for so many, 528 KiB of a */
    GEMM_LDA = GEMM_KC + VL, /* rows of a copied block start in different cache sets */
    GEMM_ROWS_AHEAD = 12,    /* rows of plain weights fetched ahead of packing */
    GEMM_BASES = (GEMM_R + 2) / 3,
#ifdef GEMM_A_TRANSPOSED
    GEMM_TRANSPOSED = 1
#else
    GEMM_TRANSPOSED = 0
#endif
};

/* What the tiles of one row sweep share. */
struct gemm_sweep {
    float *c;
    const float *a, *b, *bias, *mask, *ahead;
    size_t k, ldc, lda, ldb, ld_mask, ahead_step;
    int rest; /* columns of the last panel, 1 to 16 */
    bool load, relu;
};
typedef void gemm_sweep_fn(const struct gemm_sweep *s, size_t tiles);

V_INLINE vf gemm_load(const float *p, int rest)
{
    return rest < VL ? v_load_n(p, rest, 0.0f) : v_load(p);
}

V_INLINE void gemm_start(vf acc[GEMM_R][GEMM_V], const struct gemm_sweep *s, const float *c,
                         const int R, const int V)
{
    UNROLL
    for (int v = 0; v < V; v++) {
        const int rest = v == V - 1 ? s->rest : VL;
        if (s->load) {
            UNROLL
            for (int i = 0; i < R; i++)
                acc[i][v] = gemm_load(c + (size_t)i * s->ldc + (size_t)v * VL, rest);
        } else {
            const vf first = s->bias ? gemm_load(s->bias + (size_t)v * VL, rest) : v_zero();
            UNROLL
            for (int i = 0; i < R; i++) acc[i][v] = first;
        }
    }
}

V_INLINE void gemm_finish(vf acc[GEMM_R][GEMM_V], const struct gemm_sweep *s, float *c,
                          const float *mask, const int R, const int V)
{
    UNROLL
    for (int v = 0; v < V; v++) {
        const int rest = v == V - 1 ? s->rest : VL;
        UNROLL
        for (int i = 0; i < R; i++) {
            float *to = c + (size_t)i * s->ldc + (size_t)v * VL;
            vf x = acc[i][v];
            if (s->relu) x = v_max(v_zero(), x); /* NaN and -0, the second operand, come through */
            if (mask) {
                const vf y = gemm_load(mask + (size_t)i * s->ld_mask + (size_t)v * VL, rest);
                x = v_keep(v_nle(y, v_zero()), x);
            }
            if (rest < VL)
                v_store_n(to, x, rest);
            else
                v_store(to, x);
        }
    }
}

/* Assembly where the order and the registers of the innermost loop are decided here: from intrinsics GCC 12 and
 * Clang 14 move loads ahead until registers run out, and move a sum to a new register at every step. The
 * rounding is v_fma's. */
V_INLINE vf gemm_pin(vf x)
{
#if defined(TARGET_AVX512)
    __asm__ volatile("" : "+v"(x));
#elif defined(TARGET_AVX2)
    __asm__ volatile("" : "+x"(x.lo), "+x"(x.hi));
#endif
    return x;
}
V_INLINE vf gemm_fma(vf a, vf b, vf sum)
{
#if defined(TARGET_AVX512)
    __asm__ volatile("vfmadd231ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
    return sum;
#elif defined(TARGET_AVX2)
    __asm__ volatile("vfmadd231ps %2, %1, %0" : "+x"(sum.lo) : "x"(a.lo), "x"(b.lo));
    __asm__ volatile("vfmadd231ps %2, %1, %0" : "+x"(sum.hi) : "x"(a.hi), "x"(b.hi));
    return sum;
#else
    return v_fma(a, b, sum);
#endif
}
V_INLINE vf gemm_pinned1(float a)
{
    vf x = v_set1(a);
#if defined(TARGET_AVX512)
    __asm__ volatile("" : "+v"(x));
#elif defined(TARGET_AVX2)
    __asm__ volatile("" : "+x"(x.lo));
    x.hi = x.lo;
#endif
    return x;
}

/* Element (i, p) of a tile whose every third row has a base: x86 addresses base + lda and base + 2 lda. */
V_INLINE vf gemm_a(const float *const base[GEMM_BASES], size_t lda, const int i)
{
    if (GEMM_TRANSPOSED) return gemm_pinned1(base[0][i]);
    return gemm_pinned1(base[i / 3][(size_t)(i % 3) * lda]);
}

V_INLINE void gemm_step(vf acc[GEMM_R][GEMM_V], const float *const a[GEMM_BASES], size_t lda,
                        const float *b, size_t ldb, const int R, const int V)
{
    if (R > V * GEMM_REGS) {
        vf row[GEMM_V];
        UNROLL
        for (int v = 0; v < V; v++) row[v] = gemm_pin(v_load(b + (size_t)v * ldb));
        UNROLL
        for (int i = 0; i < R; i++) {
            const vf x = gemm_a(a, lda, i);
            UNROLL
            for (int v = 0; v < V; v++) {
                acc[i][v] = gemm_fma(x, row[v], acc[i][v]);
            }
        }
    } else {
        vf x[GEMM_R];
        UNROLL
        for (int i = 0; i < R; i++) x[i] = gemm_a(a, lda, i);
        UNROLL
        for (int v = 0; v < V; v++) {
            const vf y = gemm_pin(v_load(b + (size_t)v * ldb));
            UNROLL
            for (int i = 0; i < R; i++) {
                acc[i][v] = gemm_fma(x[i], y, acc[i][v]);
            }
        }
    }
}

V_INLINE void gemm_sweep(const struct gemm_sweep *s, size_t tiles, const int R, const int V)
{
    const size_t lda = s->lda, ldb = s->ldb, k = s->k;
    const int bases = GEMM_TRANSPOSED ? 1 : (R + 2) / 3;
    const size_t ahead_step = s->ahead_step;
    const float *a_tile = s->a, *mask = s->mask, *ahead = s->ahead;
    float *c = s->c;
    for (size_t t = 0; t < tiles; t++) {
        const float *a[GEMM_BASES], *b = s->b;
        vf acc[GEMM_R][GEMM_V];
        UNROLL
        for (int i = 0; i < bases; i++) a[i] = a_tile + (size_t)(3 * i) * lda;
        gemm_start(acc, s, c, R, V);
        UNROLL
        for (int i = 0; i < R; i++) __builtin_prefetch(c + (size_t)(R + i) * s->ldc, 1);
        for (size_t p = 0; p < k; p++) {
            /* One row is bound by loads, and its panels are read at the pace the hardware prefetches. */
            if (R > 1) {
                UNROLL
                for (int v = 0; v < V; v++) __builtin_prefetch(ahead + (size_t)v * ldb, 0, 2);
                ahead += ahead_step;
            }
            gemm_step(acc, a, lda, b, ldb, R, V);
            UNROLL
            for (int i = 0; i < bases; i++) a[i] += GEMM_TRANSPOSED ? lda : 1;
            b += VL;
        }
        gemm_finish(acc, s, c, mask, R, V);
        a_tile += GEMM_TRANSPOSED ? (size_t)R : (size_t)R * lda;
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
#if defined(TARGET_AVX512)
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

/* How many pieces of at most `most` make `count`, all of nearly the same size. */
static inline size_t gemm_pieces(size_t count, size_t most)
{
    return (count + most - 1) / most;
}
static inline size_t gemm_piece(size_t count, size_t pieces, size_t i)
{
    return count / pieces + (i < count % pieces);
}

/* Rows p0 .. p0 + k of the panels j0 .. j0 + panels of b, as panels that lie k x 16 apart. */
static __attribute__((unused)) void gemm_pack(float *dst, const struct gemm *g, size_t j0,
                                              size_t panels, size_t p0, size_t k)
{
    /* Row by row across the panels: whole runs of a row's cache lines. */
    if (g->layout == GEMM_ROWS) {
        for (size_t p = 0; p < k; p++)
            for (size_t v = 0; v < panels; v++) {
                const size_t j = (j0 + v) * VL;
                const int cols = g->n - j < VL ? (int)(g->n - j) : VL;
                const float *from = g->b + (p0 + p) * g->ldb + j;
                __builtin_prefetch(from + GEMM_ROWS_AHEAD * g->ldb);
                v_store(dst + (v * k + p) * VL, gemm_load(from, cols));
            }
        return;
    }
    for (size_t v = 0; v < panels; v++, dst += k * VL) {
        const size_t j = (j0 + v) * VL;
        const int cols = g->n - j < VL ? (int)(g->n - j) : VL;
        for (size_t p = 0; p < k; p += VL) {
            const int wide = k - p < VL ? (int)(k - p) : VL;
            const float *from = g->b + j * g->ldb + p0 + p;
            vf r[VL];
            UNROLL
            for (int i = 0; i < VL; i++)
                r[i] = i < cols ? gemm_load(from + (size_t)i * g->ldb, wide) : v_zero();
            v_transpose(r);
            UNROLL
            for (int i = 0; i < VL; i++)
                if (i < wide) v_store(dst + (p + (size_t)i) * VL, r[i]);
        }
    }
}

/* One block: mc rows from i0, all panels, terms p0 .. p0 + kc. */
static __attribute__((unused)) void gemm_block(const struct gemm *g, size_t i0, size_t mc,
                                               size_t p0, size_t kc, float *copy_a, float *copy_b)
{
    const size_t tiles = gemm_pieces(mc, GEMM_R), rows = mc / tiles, more = mc % tiles;
    const size_t panels = gemm_pieces(g->n, VL);
    const size_t groups = gemm_pieces(panels, gemm_width_of[rows + (more > 0)]);
    const bool last = p0 + kc == g->k;
    const float *a = g->a + (GEMM_TRANSPOSED ? p0 * g->lda + i0 : i0 * g->lda + p0);
    size_t lda = g->lda;
    /* Rows a multiple of 1 KiB apart share a few sets of L1. */
    if (!GEMM_TRANSPOSED && lda % 256 == 0 && lda != kc && mc > GEMM_R && groups > 3) {
        for (size_t i = 0; i < mc; i++) memcpy(copy_a + i * GEMM_LDA, a + i * lda, kc * sizeof *a);
        a = copy_a;
        lda = GEMM_LDA;
    }
    for (size_t group = 0, j = 0, from = 0, to = 0; group < groups; group++) {
        const size_t wide = gemm_piece(panels, groups, group), next = j + wide;
        struct gemm_sweep s = {.c = g->c + i0 * g->ldc + j * VL,
                               .a = a,
                               .b = copy_b,
                               .bias = g->bias ? g->bias + j * VL : NULL,
                               .mask = g->mask && last ? g->mask + i0 * g->ld_mask + j * VL : NULL,
                               .k = kc,
                               .ldc = g->ldc,
                               .lda = lda,
                               .ldb = kc * VL,
                               .ld_mask = g->ld_mask,
                               .rest = next == panels ? (int)(g->n - (panels - 1) * VL) : VL,
                               .load = p0 > 0 || g->accumulate,
                               .relu = g->relu && last};
        if (g->layout == GEMM_PACKED) {
            s.b = g->b + j * g->ldb + p0 * VL;
            s.ldb = g->ldb;
            s.ahead = s.b + wide * g->ldb;
            s.ahead_step = gemm_pieces(VL, tiles);
        } else {
            if (next > to) {
                from = j;
                to = panels - from < GEMM_V ? panels : from + GEMM_V;
                gemm_pack(copy_b, g, from, to - from, p0, kc);
            }
            s.b = copy_b + (j - from) * kc * VL;
            s.ahead = s.b + wide * s.ldb;
            s.ahead_step = gemm_pieces(VL, tiles);
        }
        if (more) {
            gemm_tiles[wide][rows + 1](&s, more);
            s.c += more * (rows + 1) * s.ldc;
            s.a += more * (rows + 1) * (GEMM_TRANSPOSED ? 1 : s.lda);
            if (s.mask) s.mask += more * (rows + 1) * s.ld_mask;
            s.ahead += more * kc * s.ahead_step;
        }
        gemm_tiles[wide][rows](&s, tiles - more);
        j = next;
    }
}

static __attribute__((unused)) void gemm(const struct gemm *g)
{
    _Alignas(64) float copy_a[GEMM_MC * GEMM_LDA], copy_b[GEMM_V * GEMM_KC * VL];
    if (g->m == 0 || g->n == 0) return;
    const bool whole = g->k == 0 || (g->m == 1 && g->layout == GEMM_PACKED);
    const size_t mbs = gemm_pieces(g->m, GEMM_MC), kbs = whole ? 1 : gemm_pieces(g->k, GEMM_KC);
    for (size_t mb = 0, i = 0; mb < mbs; mb++) {
        const size_t mc = gemm_piece(g->m, mbs, mb);
        for (size_t kb = 0, p = 0; kb < kbs; kb++) {
            const size_t kc = gemm_piece(g->k, kbs, kb);
            gemm_block(g, i, mc, p, kc, copy_a, copy_b);
            p += kc;
        }
        i += mc;
    }
}

#endif
