#include "../isa.h"
#include "../simd/gemm.h"
#include "dense_pack.h"

dense_pack_fn ISA(dense_pack);

void ISA(dense_pack)(const struct dense_pack *a)
{
    const struct gemm g = {.b = a->w,
                           .n = a->transpose ? a->k : a->n,
                           .ldb = a->ld_w,
                           .layout = a->transpose ? GEMM_COLUMNS : GEMM_ROWS};
    const size_t length = a->transpose ? a->n : a->k;
    gemm_pack(a->dst, &g, 0, pieces_of(g.n, VL), 0, length);
}
