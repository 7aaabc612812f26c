#include "../isa.h"
#include "../simd/gemm.h"
#include "../simd/gemv.h"
#include "dense_bwd_data.h"

dense_bwd_data_fn ISA(dense_bwd_data);

void ISA(dense_bwd_data)(const struct dense_bwd_data *a)
{
    if (a->m == 1 && !a->packed) {
        gemv(&(struct gemv){.c = a->dsrc,
                            .a = a->ddst,
                            .w = a->w,
                            .mask = a->act,
                            .n = a->n,
                            .k = a->k,
                            .step_p = a->ld_w,
                            .step_j = VL});
        return;
    }
    const struct gemm g = {.c = a->dsrc,
                           .a = a->ddst,
                           .b = a->w,
                           .mask = a->act,
                           .m = a->m,
                           .n = a->k,
                           .k = a->n,
                           .ldc = a->ld_dsrc,
                           .lda = a->ld_ddst,
                           .ldb = a->packed ? a->n * VL : a->ld_w,
                           .ld_mask = a->ld_act,
                           .layout = a->packed ? GEMM_PACKED : GEMM_COLUMNS};
    gemm(&g);
}
