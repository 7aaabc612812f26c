#include "../isa.h"
#include "../simd/gemm.h"
#include "dense_fwd.h"

dense_fwd_fn ISA(dense_fwd);

/* One row times plain weights: groups of rows of w stream by while the sums stay in L1. */
static void row_plain(const struct dense_fwd *a)
{
    enum { GROUP = 8 };
    float *dst = a->dst;
    const size_t n = a->n, full = n - n % VL;
    const int rest = (int)(n % VL);
    if (a->bias)
        memcpy(dst, a->bias, n * sizeof *dst);
    else
        memset(dst, 0, n * sizeof *dst);
    for (size_t p = 0; p < a->k; p += GROUP) {
        const size_t rows = a->k - p < GROUP ? a->k - p : GROUP;
        const float *w = a->w + p * a->ld_w, *src = a->src + p;
        const bool relu = a->relu && p + rows == a->k;
        for (size_t j = 0; j < full; j += VL) {
            vf acc = v_load(dst + j);
            if (rows == GROUP) {
                UNROLL
                for (size_t r = 0; r < GROUP; r++)
                    acc = v_fma(v_set1(src[r]), v_load(w + r * a->ld_w + j), acc);
            } else {
                for (size_t r = 0; r < rows; r++)
                    acc = v_fma(v_set1(src[r]), v_load(w + r * a->ld_w + j), acc);
            }
            v_store(dst + j, relu ? v_max(v_zero(), acc) : acc);
        }
        if (!rest) continue;
        vf acc = v_load_n(dst + full, rest, 0.0f);
        for (size_t r = 0; r < rows; r++)
            acc = v_fma(v_set1(src[r]), v_load_n(w + r * a->ld_w + full, rest, 0.0f), acc);
        v_store_n(dst + full, relu ? v_max(v_zero(), acc) : acc, rest);
    }
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
