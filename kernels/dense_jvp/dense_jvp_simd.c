#include "../isa.h"
#include "../simd/gemm.h"
#include "../simd/gemv_rows.h"
#include "dense_jvp.h"

dense_jvp_fn ISA(dense_jvp);

/* COLUMNS: of a block, whose sums stay in L2 from one product to the next. */
#ifndef COLUMNS_T
#define COLUMNS_T 1024
#endif
enum { COLUMNS = COLUMNS_T, ROW_TERMS = 8 };

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

/* One row times plain matrices, which stream by while its sums stay in L1. */
static void row_plain(const struct dense_jvp *a)
{
    start(a);
    gemv_rows(&(struct gemv_rows){.c = a->dst,
                                  .a = a->dsrc,
                                  .b = a->w,
                                  .mask = a->q ? NULL : a->act,
                                  .n = a->n,
                                  .k = a->k,
                                  .ldb = a->ld_w});
    gemv_rows(&(struct gemv_rows){
        .c = a->dst, .a = a->u, .b = a->v, .mask = a->act, .n = a->n, .k = a->q, .ldb = a->ld_v});
}

/* Several rows: the first product starts the sums, or finds them started, the second finishes them. */
static void block(const struct dense_jvp *a)
{
    if (a->prev) start(a);
    struct gemm g = {.c = a->dst,
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
    gemm(&g);
    if (a->q == 0) return;
    g.a = a->u;
    g.b = a->v;
    g.mask = a->act;
    g.k = a->q;
    g.lda = a->ld_u;
    g.ldb = a->ld_v;
    g.layout = GEMM_ROWS;
    g.accumulate = true;
    gemm(&g);
}

void ISA(dense_jvp)(const struct dense_jvp *a)
{
    if (a->m == 1 && a->k + a->q && !a->packed) {
        row_plain(a);
        return;
    }
    const size_t blocks = pieces_of(pieces_of(a->n, VL), COLUMNS / VL);
    for (size_t b = 0; b < blocks; b++) {
        const size_t panels = pieces_of(a->n, VL);
        const size_t j = piece_begin(panels, blocks, b) * VL;
        size_t n = piece_size(panels, blocks, b) * VL;
        if (n > a->n - j) n = a->n - j;
        struct dense_jvp part = *a;
        part.dst += j;
        part.w += a->packed ? j * a->k : j;
        if (a->q) part.v += j;
        if (a->db) part.db += j;
        if (a->prev) part.prev += j;
        if (a->act) part.act += j;
        part.n = n;
        block(&part);
    }
}
