#include "../isa.h"
#include "../simd/outer.h"
#include "dense_bwd_weights.h"

dense_bwd_weights_fn ISA(dense_bwd_weights);

void ISA(dense_bwd_weights)(const struct dense_bwd_weights *a)
{
    const struct outer o = {.c = a->dw,
                            .sums = a->db,
                            .a = a->src,
                            .b = a->ddst,
                            .mask = a->act,
                            .m = a->m,
                            .n = a->n,
                            .k = a->k,
                            .ldc = a->ld_dw,
                            .lda = a->ld_src,
                            .ldb = a->ld_ddst,
                            .ld_mask = a->ld_act,
                            .accumulate = a->accumulate};
    outer(&o);
}
