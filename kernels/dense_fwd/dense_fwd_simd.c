#include "../isa.h"
#include "../simd/gemm.h"
#include "../simd/gemv_rows.h"
#include "dense_fwd.h"

dense_fwd_fn ISA(dense_fwd);

/* One row times plain weights. */
static void row_plain(const struct dense_fwd *a)
{
    if (a->bias)
        memcpy(a->dst, a->bias, a->n * sizeof *a->dst);
    else
        memset(a->dst, 0, a->n * sizeof *a->dst);
    gemv_rows(&(struct gemv_rows){.c = a->dst,
                                  .a = a->src,
                                  .b = a->w,
                                  .n = a->n,
                                  .k = a->k,
                                  .ldb = a->ld_w,
                                  .relu = a->relu});
}

void ISA(dense_fwd)(const struct dense_fwd *a)
{
    if (a->m == 1 && !a->packed && a->n > 0 && a->k > 0) {
        row_plain(a);
        return;
    }
    const struct gemm g = {.c = a->dst,
                           .a = a->src,
                           .b = a->w,
                           .bias = a->bias,
                           .m = a->m,
                           .n = a->n,
                           .k = a->k,
                           .ldc = a->ld_dst,
                           .lda = a->ld_src,
                           .ldb = a->packed ? a->k * VL : a->ld_w,
                           .layout = a->packed ? GEMM_PACKED : GEMM_ROWS,
                           .relu = a->relu};
    gemm(&g);
}
