/* outer: sums of outer products, what the gradients of weights are, inlined into each kernel once per lane.
 *
 *   z[i][j] = b[i][j], or +0 where mask is given and mask[i][j] <= 0
 *   c[p][j] = start[p][j] + sum over i of a[i][p] * z[i][j]        c is k x n, the sums over m rows
 *   sums[j] = start[j] + sum over i of z[i][j]                     where sums is given
 *
 * start   the old contents with accumulate, else +0.
 * w       where given, panels of 16 columns, row p of panel v at w + v ld_w + 16 p: takes
 *         w = w - rate c, the finished c. Then c may be NULL if m <= OUTER_MC. Lanes past n keep their words.
 * Order   every element takes its m terms one by one, i ascending, each by one fused step. Blocks over m
 *         store the sum and load it again, which keeps the words.
 * Stack   about 640 KiB.
 *
 * Blocks: as many panels of z as fill OUTER_Z are masked and packed into L2; the columns of a that some tiles
 * need are packed; each tile then walks along its rows of c, so that c is written in long pieces. Packing
 * also takes care of rows a power of two apart, which would share a few sets of L1; short rows are read
 * where they are. A single term is no matter of tiles: there c is written row by row.
 */
#ifndef SIMD_OUTER_H
#define SIMD_OUTER_H

#include <stdbool.h>

#include "outer_tile.h"
#include "pieces.h"

enum {
    OUTER_MC = 512,               /* terms of a block */
    OUTER_Z = OUTER_MC * VL * 16, /* floats of packed z: 512 KiB */
    OUTER_DIRECT = 128,           /* rows up to this long are read where they are */
    OUTER_T = 4,                  /* tiles of a packed at once: rows of a are read in long pieces */
    OUTER_A =
        OUTER_MC * OUTER_LDA + VL /* floats of a packed tile of a, and room for the last store */
};

struct outer {
    float *c, *sums, *w;
    const float *a, *b, *mask;
    size_t m, n, k;
    size_t ldc, lda, ldb, ld_mask, ld_w;
    float rate;
    bool accumulate;
};

/* Rows i0 .. i0 + m of the panel at column j of z, and their sums; z may be NULL where only those are wanted. */
static inline void outer_pack_z(float *z, const struct outer *o, size_t j, size_t i0, size_t m)
{
    const int rest = o->n - j < VL ? (int)(o->n - j) : VL;
    const float *b = o->b + i0 * o->ldb + j, *mask = o->mask ? o->mask + i0 * o->ld_mask + j : NULL;
    const bool load = o->accumulate || i0 > 0;
    vf sum = o->sums && load ? v_load_rest(o->sums + j, rest) : v_zero();
    for (size_t i = 0; i < m; i++, b += o->ldb) {
        vf x = v_load_rest(b, rest);
        if (mask) {
            x = v_keep(v_nle(v_load_rest(mask, rest), v_zero()), x);
            mask += o->ld_mask;
        }
        if (z) v_store(z + i * VL, x);
        sum = v_add(sum, x);
    }
    if (o->sums) v_store_rest(o->sums + j, sum, rest);
}

/* Rows i0 .. i0 + m of the columns of a that tiles t0 .. t0 + count need, each tile in its own OUTER_A. */
static inline void outer_pack_a(float *to, const struct outer *o, size_t tiles, size_t t0,
                                size_t count, size_t i0, size_t m)
{
    const float *a = o->a + i0 * o->lda;
    size_t first[OUTER_T];
    for (size_t t = 0; t < count; t++) first[t] = piece_begin(o->k, tiles, t0 + t);
    for (size_t i = 0; i < m; i++, a += o->lda, to += OUTER_LDA)
        for (size_t t = 0; t < count; t++) {
            const size_t left = o->k - first[t];
            v_store(to + t * OUTER_A, v_load_rest(a + first[t], left < VL ? (int)left : VL));
        }
}

/* What of z a block reads: packed panels, or b itself. */
struct outer_z {
    const float *at;
    size_t panel, row; /* from one panel, from one row of a panel, to the next */
};

/* The panels from column j to `end`, which z holds, for all rows of c. */
static inline void outer_block(const struct outer *o, struct outer_z z, size_t j, size_t end,
                               size_t i0, size_t m)
{
    _Alignas(64) float a[OUTER_T * OUTER_A];
    const size_t tiles = pieces_of(o->k, OUTER_R);
    const size_t panels = pieces_of(end - j, VL);
    const bool last = i0 + m == o->m, direct = o->lda <= OUTER_DIRECT;
    for (size_t tile = 0, p = 0; tile < tiles; tile++) {
        const size_t rows = piece_size(o->k, tiles, tile);
        const size_t groups = pieces_of(panels, outer_width(rows));
        struct outer_tile t = {.a = direct ? o->a + i0 * o->lda + p : a + tile % OUTER_T * OUTER_A,
                               .z = z.at,
                               .c = o->c ? o->c + p * o->ldc + j : NULL,
                               .w = o->w && last ? o->w + j / VL * o->ld_w + p * VL : NULL,
                               .m = m,
                               .ldc = o->ldc,
                               .lda = direct ? o->lda : OUTER_LDA,
                               .ldz = z.panel,
                               .step_z = z.row,
                               .ld_w = o->ld_w,
                               .rate = o->rate,
                               .rest = VL,
                               .load = o->accumulate || i0 > 0};
        if (!direct && tile % OUTER_T == 0)
            outer_pack_a(a, o, tiles, tile, tiles - tile < OUTER_T ? tiles - tile : OUTER_T, i0, m);
        for (size_t g = 0; g < groups; g++) {
            const size_t wide = piece_size(panels, groups, g);
            if (g + 1 == groups) t.rest = (int)(end - j - (panels - 1) * VL);
            outer_tiles[wide][rows](&t);
            t.z += wide * t.ldz;
            if (t.c) t.c += wide * VL;
            if (t.w) t.w += wide * t.ld_w;
        }
        p += rows;
    }
}

/* One term: c is written once, row by row, and nothing else takes time. */
static inline void outer_thin(const struct outer *o)
{
    enum { COLUMNS = 4096 }; /* half of the smallest L1 */
    _Alignas(64) float z[COLUMNS];
    const bool load = o->accumulate;
    for (size_t j0 = 0; j0 < o->n; j0 += COLUMNS) {
        const size_t n = o->n - j0 < COLUMNS ? o->n - j0 : COLUMNS;
        for (size_t j = 0; j < n; j += VL) outer_pack_z(z + j, o, j0 + j, 0, 1);
        for (size_t p = 0; p < o->k; p++) {
            const vf x = v_set1(o->a[p]);
            float *c = o->c + p * o->ldc + j0;
            size_t j = 0;
            if (load)
                for (; j + VL <= n; j += VL) v_store(c + j, v_fma(x, v_load(z + j), v_load(c + j)));
            for (; j + VL <= n; j += VL) v_store(c + j, v_fma(x, v_load(z + j), v_zero()));
            if (j < n) {
                const int rest = (int)(n - j);
                const vf start = load ? v_load_n(c + j, rest, 0.0f) : v_zero();
                v_store_n(c + j, v_fma(x, v_load(z + j), start), rest);
            }
        }
    }
}

static inline void outer(const struct outer *o)
{
    _Alignas(64) float z[OUTER_Z];
    const size_t blocks = o->m ? pieces_of(o->m, OUTER_MC) : 1;
    const bool direct = !o->mask && o->n % VL == 0 && o->ldb <= OUTER_DIRECT;
    if (o->m == 1 && o->c && !o->w) {
        outer_thin(o);
        return;
    }
    for (size_t block = 0, i = 0; block < blocks; block++) {
        const size_t m = piece_size(o->m, blocks, block);
        const size_t most = m ? OUTER_Z / (m * VL) : OUTER_Z;
        for (size_t j = 0, end; j < o->n; j = end) {
            end = o->n - j > most * VL ? j + most * VL : o->n;
            if (o->sums || !direct)
                for (size_t q = j; q < end; q += VL)
                    outer_pack_z(direct ? NULL : z + (q - j) * m, o, q, i, m);
            const struct outer_z packed = {z, m * VL, VL},
                                 own = {o->b + i * o->ldb + j, VL, o->ldb};
            outer_block(o, direct ? own : packed, j, end, i, m);
        }
        i += m;
    }
}

#endif
