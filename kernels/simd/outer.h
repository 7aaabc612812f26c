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

#include "vec.h"

struct outer {
    float *c, *sums, *w;
    const float *a, *b, *mask;
    size_t m, n, k;
    size_t ldc, lda, ldb, ld_mask, ld_w;
    float rate;
    bool accumulate;
};

/* A tile is R rows of c by V panels: R V sums, a row of V panels and one element of a in registers.
 */
#if defined(TARGET_AVX512)
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
enum {
    OUTER_MC = 512,               /* terms of a block */
    OUTER_Z = OUTER_MC * VL * 16, /* floats of packed z: 512 KiB */
    OUTER_DIRECT = 128,           /* rows up to this long are read where they are */
    OUTER_T = 4,                  /* tiles of a packed at once: rows of a are read in long pieces */
    OUTER_A =
        OUTER_MC * OUTER_LDA + VL /* floats of a packed tile of a, and room for the last store */
};

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

V_INLINE vf outer_load(const float *p, int rest)
{
    return rest < VL ? v_load_n(p, rest, 0.0f) : v_load(p);
}
V_INLINE void outer_store(float *p, vf x, int rest)
{
    if (rest < VL)
        v_store_n(p, x, rest);
    else
        v_store(p, x);
}

/* Assembly keeps each sum in its register and loads where they stand: GCC 12 moves both. */
V_INLINE vf outer_fma(vf a, vf b, vf sum)
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
V_INLINE vf outer_set1(const float *a)
{
    vf x = v_set1(*a);
#if defined(TARGET_AVX512)
    __asm__ volatile("" : "+v"(x));
#elif defined(TARGET_AVX2)
    __asm__ volatile("" : "+x"(x.lo));
    x.hi = x.lo;
#endif
    return x;
}

V_INLINE void outer_finish(vf acc[OUTER_R][OUTER_V], const struct outer_tile *t, const int R,
                           const int V)
{
    const vf rate = v_set1(t->rate);
    UNROLL
    for (int v = 0; v < V; v++) {
        const int rest = v == V - 1 ? t->rest : VL;
        float *c = t->c ? t->c + (size_t)v * VL : NULL,
              *w = t->w ? t->w + (size_t)v * t->ld_w : NULL;
        if (c) {
            UNROLL
            for (int r = 0; r < R; r++) outer_store(c + (size_t)r * t->ldc, acc[r][v], rest);
        }
        if (!w) continue;
        UNROLL
        for (int r = 0; r < R; r++)
            outer_store(w + r * VL, v_fnma(rate, acc[r][v], outer_load(w + r * VL, rest)), rest);
    }
}

V_INLINE void outer_tile(const struct outer_tile *t, const int R, const int V)
{
    const float *a = t->a, *z = t->z;
    const size_t lda = t->lda, ldz = t->ldz, step_z = t->step_z;
    vf acc[OUTER_R][OUTER_V];
    UNROLL
    for (int v = 0; v < V; v++) {
        const int rest = v == V - 1 ? t->rest : VL;
        UNROLL
        for (int r = 0; r < R; r++)
            acc[r][v] =
                t->load ? outer_load(t->c + (size_t)r * t->ldc + (size_t)v * VL, rest) : v_zero();
    }
    for (size_t i = t->m; i; i--) {
        vf row[OUTER_V];
        UNROLL
        for (int v = 0; v < V; v++) row[v] = v_load(z + (size_t)v * ldz);
        UNROLL
        for (int r = 0; r < R; r++) {
            const vf x = outer_set1(a + r);
            UNROLL
            for (int v = 0; v < V; v++) acc[r][v] = outer_fma(x, row[v], acc[r][v]);
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

/* How many pieces of at most `most` make `count`, all of nearly the same size. */
static inline size_t outer_pieces(size_t count, size_t most)
{
    return (count + most - 1) / most;
}
static inline size_t outer_piece(size_t count, size_t pieces, size_t i)
{
    return count / pieces + (i < count % pieces);
}

/* Rows i0 .. i0 + m of the panel at column j of z, and their sums; z may be NULL where only those are wanted. */
static inline void outer_pack_z(float *z, const struct outer *o, size_t j, size_t i0, size_t m)
{
    const int rest = o->n - j < VL ? (int)(o->n - j) : VL;
    const float *b = o->b + i0 * o->ldb + j, *mask = o->mask ? o->mask + i0 * o->ld_mask + j : NULL;
    const bool load = o->accumulate || i0 > 0;
    vf sum = o->sums && load ? outer_load(o->sums + j, rest) : v_zero();
    for (size_t i = 0; i < m; i++, b += o->ldb) {
        vf x = outer_load(b, rest);
        if (mask) {
            x = v_keep(v_nle(outer_load(mask, rest), v_zero()), x);
            mask += o->ld_mask;
        }
        if (z) v_store(z + i * VL, x);
        sum = v_add(sum, x);
    }
    if (o->sums) outer_store(o->sums + j, sum, rest);
}

/* Where tile i of `tiles` begins when `count` rows are dealt out evenly. */
static inline size_t outer_begin(size_t count, size_t tiles, size_t i)
{
    const size_t more = count % tiles;
    return i * (count / tiles) + (i < more ? i : more);
}

/* Rows i0 .. i0 + m of the columns of a that tiles t0 .. t0 + count need, each tile in its own OUTER_A. */
static inline void outer_pack_a(float *to, const struct outer *o, size_t tiles, size_t t0,
                                size_t count, size_t i0, size_t m)
{
    const float *a = o->a + i0 * o->lda;
    size_t first[OUTER_T];
    for (size_t t = 0; t < count; t++) first[t] = outer_begin(o->k, tiles, t0 + t);
    for (size_t i = 0; i < m; i++, a += o->lda, to += OUTER_LDA)
        for (size_t t = 0; t < count; t++) {
            const size_t left = o->k - first[t];
            v_store(to + t * OUTER_A, outer_load(a + first[t], left < VL ? (int)left : VL));
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
    const size_t tiles = outer_pieces(o->k, OUTER_R);
    const size_t panels = outer_pieces(end - j, VL);
    const bool last = i0 + m == o->m, direct = o->lda <= OUTER_DIRECT;
    for (size_t tile = 0, p = 0; tile < tiles; tile++) {
        const size_t rows = outer_piece(o->k, tiles, tile);
        const size_t groups = outer_pieces(panels, outer_width(rows));
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
            const size_t wide = outer_piece(panels, groups, g);
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
    for (size_t j0 = 0; j0 < o->n; j0 += COLUMNS) {
        const size_t n = o->n - j0 < COLUMNS ? o->n - j0 : COLUMNS;
        for (size_t j = 0; j < n; j += VL) outer_pack_z(z + j, o, j0 + j, 0, 1);
        for (size_t p = 0; p < o->k; p++) {
            const vf x = v_set1(o->a[p]);
            float *c = o->c + p * o->ldc + j0;
            size_t j = 0;
            for (; j + VL <= n; j += VL)
                v_store(c + j, v_fma(x, v_load(z + j), o->accumulate ? v_load(c + j) : v_zero()));
            if (j < n) {
                const int rest = (int)(n - j);
                const vf start = o->accumulate ? v_load_n(c + j, rest, 0.0f) : v_zero();
                v_store_n(c + j, v_fma(x, v_load(z + j), start), rest);
            }
        }
    }
}

static inline void outer(const struct outer *o)
{
    _Alignas(64) float z[OUTER_Z];
    const size_t blocks = o->m ? outer_pieces(o->m, OUTER_MC) : 1;
    const bool direct = !o->mask && o->n % VL == 0 && o->ldb <= OUTER_DIRECT;
    if (o->m == 1 && o->c && !o->w) {
        outer_thin(o);
        return;
    }
    for (size_t block = 0, i = 0; block < blocks; block++) {
        const size_t m = outer_piece(o->m, blocks, block);
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
