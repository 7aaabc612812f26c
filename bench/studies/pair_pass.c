#include "studies/pair_pass.h"

#include <assert.h>

/* Where part `part` begins: each at a whole line. */
static size_t part_at(const struct pair_net *y, size_t m, int part)
{
    const size_t c = y->channels, all = m * c, tables = pair_table_rows(y) * 3 * c,
                 width[] = {c, y->numbers};
    const size_t heads = m * y->heads * TOKENS;
    const struct mlp_layout head = {width, 1, false};
    const size_t size[PARTS] = {[TOKEN] = m * TOKENS,
                                [TABLES] = tables,
                                [QKV] = TOKENS * 3 * all,
                                [ATTENDED] = TOKENS * all,
                                [LSE] = heads,
                                [START] = c,
                                [MID] = all,
                                [HIDDEN] = m * y->hidden,
                                [STREAM] = all,
                                [HEAD] = train_step_scratch(&head, m),
                                [D_STREAM] = all,
                                [D_HIDDEN] = m * y->hidden,
                                [D_MID] = all,
                                [D_START] = c,
                                [D_ATTENDED] = TOKENS * all,
                                [D_QKV] = TOKENS * 3 * all,
                                [D_TABLES] = tables,
                                [ATTENTION] = attn_bwd_scratch(m, y->heads, TOKENS)};
    size_t at = 0;
    for (int i = 0; i < part; i++) at += (size[i] + 15) / 16 * 16;
    return at;
}

size_t pair_net_scratch(const struct pair_net *y, size_t m)
{
    return part_at(y, m, PARTS);
}

void pair_pass_open(struct pair_pass *p, const struct kernel_set *set, int threads,
                    const struct pair_net *y, const struct train_step *a)
{
    assert(y->heads && y->channels % y->heads == 0);
    *p = (struct pair_pass){set, threads, y, a, a->m, y->channels, y->hidden, .head = *a};
    for (int i = 0; i < PARTS; i++) p->part[i] = a->scratch + part_at(y, a->m, i);
    p->width[0] = y->channels;
    p->width[1] = y->numbers;
    p->head.net = (struct mlp_layout){p->width, 1, false};
    p->head.src = p->part[STREAM];
    p->head.ld_src = y->channels;
    p->head.scratch = p->part[HEAD];
}

/* A dense layer of m rows of k inputs, which lie ld_src apart. */
struct layer {
    enum pair_tensor w;
    const float *bias;
    size_t m, n, k, ld_src;
    bool relu, rectified; /* rectified: its inputs are the output of a ReLU */
};

static struct layer layer_of(const struct pair_pass *p, enum pair_tensor w)
{
    const size_t c = p->c, f = p->f;
    switch (w) {
    case PAIR_QKV:
        return (struct layer){w, NULL, pair_table_rows(p->y), 3 * c, c, c, false, false};
    case PAIR_O: /* of the last position's rows */
        return (struct layer){w, p->part[START], p->m, c, c, TOKENS * c, false, false};
    case PAIR_IN:
        return (struct layer){w, pair_param(p, PAIR_IN_BIAS), p->m, f, c, c, true, false};
    default:
        assert(w == PAIR_OUT);
        return (struct layer){w, pair_param(p, PAIR_OUT_BIAS), p->m, c, f, f, false, true};
    }
}

void pair_layer_fwd(const struct pair_pass *p, enum pair_tensor w, float *dst, const float *src)
{
    const struct layer l = layer_of(p, w);
    dense_fwd(p->set, p->threads,
              &(struct dense_fwd){.dst = dst,
                                  .src = src,
                                  .w = pair_param(p, w),
                                  .bias = l.bias,
                                  .m = l.m,
                                  .n = l.n,
                                  .k = l.k,
                                  .ld_dst = l.n,
                                  .ld_src = l.ld_src,
                                  .ld_w = l.n,
                                  .relu = l.relu});
}

void pair_layer_bwd(const struct pair_pass *p, enum pair_tensor w, const struct pair_grads *to)
{
    const struct layer l = layer_of(p, w);
    dense_bwd_weights(p->set, p->threads,
                      &(struct dense_bwd_weights){.dw = pair_grad(p, w),
                                                  .db = to->db,
                                                  .src = to->src,
                                                  .ddst = to->ddst,
                                                  .m = l.m,
                                                  .n = l.n,
                                                  .k = l.k,
                                                  .ld_dw = l.n,
                                                  .ld_src = l.ld_src,
                                                  .ld_ddst = l.n});
    dense_bwd_data(p->set, p->threads,
                   &(struct dense_bwd_data){.dsrc = to->dsrc,
                                            .ddst = to->ddst,
                                            .w = pair_param(p, w),
                                            .act = l.rectified ? to->src : NULL,
                                            .m = l.m,
                                            .n = l.n,
                                            .k = l.k,
                                            .ld_dsrc = l.ld_src,
                                            .ld_ddst = l.n,
                                            .ld_w = l.n,
                                            .ld_act = l.ld_src});
}
