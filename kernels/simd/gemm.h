/* gemm: the matrix product that the dense kernels share, inlined into each of them once per lane.
 *
 *   c[i][j] = finish(start[i][j] + sum over p of a[i][p] * b[p][j])      c is m x n, the sums over k
 *
 * start   c itself (accumulate), else bias[j], else +0.
 * finish  ReLU, or a mask that keeps where !(mask[i][j] <= 0), or nothing.
 * a       element (i, p) at a + i lda + p.
 * b       GEMM_PACKED: ceil(n / 16) panels of k x 16, panel j at b + j ldb.
 *         GEMM_ROWS:   element (p, j) at b + p ldb + j.      GEMM_COLUMNS: at b + j ldb + p.
 *         The last two are packed block by block on the way, into this function's stack.
 * Order   every element takes its k terms one by one, p ascending, each by one fused step. Blocks over k store
 *         the sum and load it again, which keeps the words.
 * Stack   up to about 800 KiB: a block of a (where its rows would share cache sets) and one of b.
 *
 * Blocks: a register tile of R rows x V panels keeps its sums in registers over a block of KC terms; all
 * rows of a block of MC pass by one group of V panels, which thus stays in L1 or L2; the block of a
 * stays in L2. Rows are dealt out evenly, so that no tile is much smaller than the largest.
 */
#ifndef SIMD_GEMM_H
#define SIMD_GEMM_H

#include <stdbool.h>
#include <string.h>

#include "gemm_tile.h"
#include "pieces.h"

enum {
    GEMM_KC = 512,           /* terms of a block: sums are stored and loaded again that seldom */
    GEMM_MC = 264,           /* rows of a block: b is read once for so many, 528 KiB of a */
    GEMM_LDA = GEMM_KC + VL, /* rows of a copied block start in different cache sets */
    GEMM_ROWS_AHEAD = 12     /* rows of plain weights fetched ahead of packing */
};
enum gemm_layout { GEMM_PACKED, GEMM_ROWS, GEMM_COLUMNS };

struct gemm {
    float *c;
    const float *a, *b, *bias, *mask;
    size_t m, n, k;
    size_t ldc, lda, ldb, ld_mask;
    enum gemm_layout layout;
    bool accumulate, relu;
};

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
                v_store(dst + (v * k + p) * VL, v_load_rest(from, cols));
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
            tile_turn(r, from, g->ldb, cols, wide);
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
    const size_t tiles = pieces_of(mc, GEMM_R), rows = mc / tiles, more = mc % tiles;
    const size_t panels = pieces_of(g->n, VL);
    const size_t groups = pieces_of(panels, gemm_width_of[rows + (more > 0)]);
    const bool last = p0 + kc == g->k;
    const float *a = g->a + i0 * g->lda + p0;
    size_t lda = g->lda;
    /* Rows a multiple of 1 KiB apart share a few sets of L1. */
    if (lda % 256 == 0 && lda != kc && mc > GEMM_R && groups > 3) {
        for (size_t i = 0; i < mc; i++) memcpy(copy_a + i * GEMM_LDA, a + i * lda, kc * sizeof *a);
        a = copy_a;
        lda = GEMM_LDA;
    }
    for (size_t group = 0, j = 0, from = 0, to = 0; group < groups; group++) {
        const size_t wide = piece_size(panels, groups, group), next = j + wide;
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
                               .ahead_step = pieces_of(VL, tiles),
                               .rest = next == panels ? (int)(g->n - (panels - 1) * VL) : VL,
                               .load = p0 > 0 || g->accumulate,
                               .relu = g->relu && last};
        if (g->layout == GEMM_PACKED) {
            s.b = g->b + j * g->ldb + p0 * VL;
            s.ldb = g->ldb;
        } else {
            if (next > to) {
                from = j;
                to = panels - from < GEMM_V ? panels : from + GEMM_V;
                gemm_pack(copy_b, g, from, to - from, p0, kc);
            }
            s.b = copy_b + (j - from) * kc * VL;
        }
        s.ahead = s.b + wide * s.ldb;
        if (more) {
            gemm_tiles[wide][rows + 1](&s, more);
            s.c += more * (rows + 1) * s.ldc;
            s.a += more * (rows + 1) * s.lda;
            if (s.mask) s.mask += more * (rows + 1) * s.ld_mask;
            s.ahead += more * kc * s.ahead_step;
        }
        gemm_tiles[wide][rows](&s, tiles - more);
        j = next;
    }
}

/* One row by packed panels uses each once: no block over k is worth its stores, and where the product takes
 * a hundred nanoseconds neither are the questions that blocks ask. */
static __attribute__((unused)) void gemm_row(const struct gemm *g)
{
    const size_t panels = pieces_of(g->n, VL), groups = pieces_of(panels, gemm_width_of[1]);
    struct gemm_sweep s = {.c = g->c,
                           .a = g->a,
                           .b = g->b,
                           .bias = g->bias,
                           .mask = g->mask,
                           .k = g->k,
                           .ldb = g->ldb,
                           .rest = VL,
                           .load = g->accumulate,
                           .relu = g->relu};
    for (size_t group = 0; group < groups; group++) {
        const size_t wide = groups == 1 ? panels : piece_size(panels, groups, group);
        if (group + 1 == groups) s.rest = (int)(g->n - (panels - 1) * VL);
        gemm_tiles[wide][1](&s, 1);
        s.c += wide * VL;
        s.b += wide * g->ldb;
        if (s.bias) s.bias += wide * VL;
        if (s.mask) s.mask += wide * VL;
    }
}

static __attribute__((unused)) void gemm(const struct gemm *g)
{
    _Alignas(64) float copy_a[GEMM_MC * GEMM_LDA], copy_b[GEMM_V * GEMM_KC * VL];
    if (g->m == 0 || g->n == 0) return;
    if (g->m == 1 && g->layout == GEMM_PACKED) {
        gemm_row(g);
        return;
    }
    const size_t mbs = pieces_of(g->m, GEMM_MC), kbs = g->k ? pieces_of(g->k, GEMM_KC) : 1;
    for (size_t mb = 0, i = 0; mb < mbs; mb++) {
        const size_t mc = piece_size(g->m, mbs, mb);
        for (size_t kb = 0, p = 0; kb < kbs; kb++) {
            const size_t kc = piece_size(g->k, kbs, kb);
            gemm_block(g, i, mc, p, kc, copy_a, copy_b);
            p += kc;
        }
        i += mc;
    }
}

#endif
