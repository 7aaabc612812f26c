#include "../isa.h"
#include "../simd/gemm.h"
#include "dense_jvp.h"

dense_jvp_fn ISA(dense_jvp);

enum {
    ROW_TERMS =
        8, /* of v, that one row by packed weights takes in registers where it has several groups of panels */
    ROWS = 8,              /* of a plain matrix, that one row takes at once */
    BASES = (ROWS + 2) / 3 /* every third has one: x86 addresses base + ld and base + 2 ld */
};

/* One row of sums, and the terms that it takes of a plain matrix; mask, or NULL, comes behind the last of them. */
struct stream {
    float *dst;
    const float *x, *b, *mask;
    size_t n, terms, ld;
};

/* base: of rows 0, 3 and 6. */
V_INLINE vf stream_whole(vf acc, const float *x, const float *const base[BASES], size_t ld)
{
    UNROLL
    for (size_t r = 0; r < ROWS; r++)
        acc = v_fma(v_set1(x[r]), v_load(base[r / 3] + r % 3 * ld), acc);
    return acc;
}

V_INLINE vf stream_some(vf acc, const float *x, const float *b, size_t ld, size_t rows, int rest)
{
    for (size_t r = 0; r < rows; r++) acc = v_fma(v_set1(x[r]), v_load_rest(b + r * ld, rest), acc);
    return acc;
}

V_INLINE void stream_put(float *dst, vf acc, const float *mask, int rest)
{
    if (mask) acc = v_keep(v_nle(v_load_rest(mask, rest), v_zero()), acc);
    v_store_rest(dst, acc, rest);
}

/* ROWS rows at a time, while the sums stay in L1. */
V_INLINE void stream(const struct stream *s)
{
    const size_t terms = s->terms, ld = s->ld, full = s->n - s->n % VL;
    const int rest = (int)(s->n % VL);
    float *const dst = s->dst;
    for (size_t p = 0; p < terms; p += ROWS) {
        const size_t rows = terms - p < ROWS ? terms - p : ROWS;
        const float *x = s->x + p, *b = s->b + p * ld, *base[BASES];
        const float *const mask = p + rows == terms ? s->mask : NULL;
        UNROLL
        for (size_t i = 0; i < BASES; i++) base[i] = rows == ROWS ? b + 3 * i * ld : b;
        for (size_t j = 0; j < full; j += VL) {
            vf acc = v_load(dst + j);
            if (rows == ROWS)
                acc = stream_whole(acc, x, base, ld);
            else
                acc = stream_some(acc, x, b + j, ld, rows, VL);
            stream_put(dst + j, acc, mask ? mask + j : NULL, VL);
            UNROLL
            for (size_t i = 0; i < BASES; i++) base[i] += VL;
        }
        if (!rest) continue;
        const vf acc = stream_some(v_load_n(dst + full, rest, 0.0f), x, b + full, ld, rows, rest);
        stream_put(dst + full, acc, mask ? mask + full : NULL, rest);
    }
}

/* Panel v of V from `at` on, the last of `rest` columns. */
V_INLINE vf group_load(const float *at, int rest, int v, int V)
{
    return v_load_rest(at + (size_t)v * VL, tile_rest(rest, v, V));
}

/* One row by the V packed panels from column j on: the sums are in registers from db to the mask, and v is read
 * where it lies. `terms` of v: all, or none where something else is to add them and to mask. */
V_INLINE void row_group(const struct dense_jvp *a, size_t terms, size_t j, int rest, const int V)
{
    const float *const act = terms == a->q ? a->act : NULL;
    const float *x[GEMM_BASES] = {a->dsrc}, *w = a->w + j * a->k;
    vf acc[GEMM_R][GEMM_V];
    UNROLL
    for (int v = 0; v < V; v++) acc[0][v] = a->db ? group_load(a->db + j, rest, v, V) : v_zero();
    if (a->prev) {
        const vf skip = v_set1(a->skip);
        UNROLL
        for (int v = 0; v < V; v++)
            acc[0][v] = v_fma(skip, group_load(a->prev + j, rest, v, V), acc[0][v]);
    }
    for (size_t p = 0; p < a->k; p++, x[0]++, w += VL) gemm_step(acc, x, 0, w, a->k * VL, 1, V);
    for (size_t r = 0; r < terms; r++) {
        const float *row = a->v + r * a->ld_v + j;
        const vf u = tile_set1(a->u[r]);
        UNROLL
        for (int v = 0; v < V; v++) acc[0][v] = tile_fma(u, group_load(row, rest, v, V), acc[0][v]);
    }
    UNROLL
    for (int v = 0; v < V; v++) {
        if (act) acc[0][v] = v_keep(v_nle(group_load(act + j, rest, v, V), v_zero()), acc[0][v]);
        v_store_rest(a->dst + j + (size_t)v * VL, acc[0][v], tile_rest(rest, v, V));
    }
}

typedef void group_fn(const struct dense_jvp *a, size_t terms, size_t j, int rest);
#define GROUP(V)                                                                                   \
    static __attribute__((noinline)) void row_group_##V(const struct dense_jvp *a, size_t terms,   \
                                                        size_t j, int rest)                        \
    {                                                                                              \
        row_group(a, terms, j, rest, V);                                                           \
    }
#define GROUP_ENTRY(V) [V] = row_group_##V,
#if defined(TARGET_AVX512) || defined(TARGET_SIMDE)
#define GROUPS(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8)
#else
#define GROUPS(X) X(1) X(2) X(3) X(4)
#endif
GROUPS(GROUP)
static group_fn *const row_groups[GEMM_V + 1] = {GROUPS(GROUP_ENTRY)};

static void add_v(const struct dense_jvp *a)
{
    stream(&(struct stream){a->dst, a->u, a->v, a->act, a->n, a->q, a->ld_v});
}

/* Many rows of v in groups of panels would be read in short runs: they stream by afterwards instead, over sums
 * that are in L1. */
static void row_packed(const struct dense_jvp *a)
{
    const size_t panels = pieces_of(a->n, VL), groups = pieces_of(panels, GEMM_V);
    const size_t terms = groups == 1 || a->q <= ROW_TERMS ? a->q : 0;
    for (size_t i = 0, j = 0; i < groups; i++) {
        const size_t wide = groups == 1 ? panels : piece_size(panels, groups, i);
        const int rest = i + 1 == groups ? (int)(a->n - (panels - 1) * VL) : VL;
        row_groups[wide](a, terms, j, rest);
        j += wide * VL;
    }
    if (terms < a->q) add_v(a);
}

/* dst = db + skip prev. */
static void start(const struct dense_jvp *a)
{
    const vf skip = v_set1(a->skip);
    for (size_t i = 0; i < a->m; i++) {
        float *dst = a->dst + i * a->ld_dst;
        const float *prev = a->prev ? a->prev + i * a->ld_prev : NULL;
        for (size_t j = 0; j < a->n; j += VL) {
            const int rest = a->n - j < VL ? (int)(a->n - j) : VL;
            vf acc = a->db ? v_load_rest(a->db + j, rest) : v_zero();
            if (prev) acc = v_fma(skip, v_load_rest(prev + j, rest), acc);
            v_store_rest(dst + j, acc, rest);
        }
    }
}

/* One row by plain matrices, which stream by while its sums stay in L1. */
static void row_plain(const struct dense_jvp *a)
{
    start(a);
    const float *const mask = a->q ? NULL : a->act;
    stream(&(struct stream){a->dst, a->dsrc, a->w, mask, a->n, a->k, a->ld_w});
    add_v(a);
}

/* The first product starts the sums, or finds them started; the last one masks them. */
static void rows(const struct dense_jvp *a)
{
    if (a->prev) start(a);
    const struct gemm first = {.c = a->dst,
                               .a = a->dsrc,
                               .b = a->w,
                               .bias = a->db,
                               .mask = a->q ? NULL : a->act,
                               .m = a->m,
                               .n = a->n,
                               .k = a->k,
                               .ldc = a->ld_dst,
                               .lda = a->ld_dsrc,
                               .ldb = a->packed ? a->k * VL : a->ld_w,
                               .ld_mask = a->ld_act,
                               .layout = a->packed ? GEMM_PACKED : GEMM_ROWS,
                               .accumulate = a->prev != NULL};
    const struct gemm second = {.c = a->dst,
                                .a = a->u,
                                .b = a->v,
                                .mask = a->act,
                                .m = a->m,
                                .n = a->n,
                                .k = a->q,
                                .ldc = a->ld_dst,
                                .lda = a->ld_u,
                                .ldb = a->ld_v,
                                .ld_mask = a->ld_act,
                                .layout = GEMM_ROWS,
                                .accumulate = true};
    gemm(&first);
    if (a->q) gemm(&second);
}

/* The blocks of rows in which gemm would take them, each from its start to its mask: w is read no more often
 * and the sums stay close. Blocks of columns would read dsrc once more for each. */
void ISA(dense_jvp)(const struct dense_jvp *a)
{
    if (a->m == 1 && a->k + a->q > 0) {
        if (a->packed)
            row_packed(a);
        else
            row_plain(a);
        return;
    }
    const size_t blocks = pieces_of(a->m, GEMM_MC);
    struct dense_jvp part = *a;
    for (size_t b = 0; b < blocks; b++) {
        part.m = piece_size(a->m, blocks, b);
        rows(&part);
        part.dst += part.m * a->ld_dst;
        part.dsrc += part.m * a->ld_dsrc;
        if (a->q) part.u += part.m * a->ld_u;
        if (a->prev) part.prev += part.m * a->ld_prev;
        if (a->act) part.act += part.m * a->ld_act;
    }
}
