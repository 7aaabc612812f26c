/* pair_pass: what the parts of a step of a pair_net share: where everything lies in its scratch, and its dense layers. */
#ifndef STUDIES_PAIR_PASS_H
#define STUDIES_PAIR_PASS_H

#include "studies/pair_net.h"

enum { TOKENS = 3, LAST = TOKENS - 1 };

enum part {
    TOKEN,    /* m x 3 whole numbers */
    TABLES,   /* the table times w_qkv */
    QKV,      /* m x 3 rows of q, k and v */
    ATTENDED, /* o, m x 3 rows */
    LSE,
    START, /* x_2 */
    MID,
    HIDDEN,
    STREAM, /* h */
    HEAD,   /* of the last layer's step */
    D_STREAM,
    D_HIDDEN,
    D_MID,
    D_START,
    D_ATTENDED,
    D_QKV,
    D_TABLES,
    ATTENTION, /* attn_bwd's own */
    PARTS
};

struct pair_pass {
    const struct kernel_set *set;
    int threads;
    const struct pair_net *y;
    const struct train_step *a;
    size_t m, c, f;
    float *part[PARTS];
    size_t width[2];
    struct train_step head; /* the last layer: a network without hidden layers, of the stream */
};
void pair_pass_open(struct pair_pass *p, const struct kernel_set *set, int threads,
                    const struct pair_net *y, const struct train_step *a);

/* Rows of the table: of the embedding, numbers + 1, then of the positions. */
static inline size_t pair_table_rows(const struct pair_net *y)
{
    return y->numbers + 1 + TOKENS;
}

static inline const float *pair_param(const struct pair_pass *p, enum pair_tensor tensor)
{
    return p->a->param + pair_net_offset(p->y, tensor);
}
static inline float *pair_grad(const struct pair_pass *p, enum pair_tensor tensor)
{
    return p->a->grad + pair_net_offset(p->y, tensor);
}

/* Of PAIR_QKV, all rows of the table; of the others the last position's rows. */
void pair_layer_fwd(const struct pair_pass *p, enum pair_tensor w, float *dst, const float *src);
/* dsrc lies as src does; db NULL: it has no bias. */
struct pair_grads {
    float *db, *dsrc;
    const float *ddst, *src;
};
/* And of its weights. */
void pair_layer_bwd(const struct pair_pass *p, enum pair_tensor w, const struct pair_grads *to);

#endif
