#include "chain_fwd.h"

#include <assert.h>

#include "../kernel.h"

/* f_l, wherever it lies. */
static const float *features(const struct chain_fwd *a, size_t l)
{
    const struct chain *c = a->chain;
    const size_t at = chain_offset(c, l);
    return l == c->depth || c->linear ? a->acts + at : a->feats + at;
}

void chain_fwd(const struct kernel_set *set, int threads, const struct chain_fwd *a)
{
    const struct chain *c = a->chain;
    const bool keeps = chain_keeps_features(c);
    assert(!keeps || a->feats || c->depth < 2);
    const float *src = a->src;
    for (size_t l = 1, at = 0; l <= c->depth; l++) {
        const struct chain_layer *y = &c->layer[l - 1];
        const bool rectified = !c->linear && l < c->depth;
        float *q = a->acts + at, *f = keeps && rectified ? a->feats + at : q;
        if (y->over)
            dense_jvp(set, threads,
                      &(struct dense_jvp){.dst = f,
                                          .dsrc = src,
                                          .w = y->w,
                                          .db = y->bias,
                                          .prev = features(a, l - y->over),
                                          .m = c->m,
                                          .n = y->n,
                                          .k = y->k,
                                          .ld_dst = y->n,
                                          .ld_dsrc = y->k,
                                          .ld_prev = y->n,
                                          .skip = y->skip,
                                          .packed = true});
        else
            dense_fwd(set, threads,
                      &(struct dense_fwd){.dst = f,
                                          .src = src,
                                          .w = y->w,
                                          .bias = y->bias,
                                          .m = c->m,
                                          .n = y->n,
                                          .k = y->k,
                                          .ld_dst = y->n,
                                          .ld_src = y->k,
                                          .relu = rectified && !keeps,
                                          .packed = true});
        if (f != q) relu_fwd(set, threads, q, f, c->m * y->n);
        src = q;
        at += c->m * y->n;
    }
}
