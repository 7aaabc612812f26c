#include "studies/pair_pass.h"

#include <assert.h>
#include <math.h>
#include <string.h>

size_t pair_net_offset(const struct pair_net *y, enum pair_tensor tensor)
{
    const size_t c = y->channels, f = y->hidden;
    const size_t size[PAIR_TENSORS] = {
        c * y->numbers, pair_table_rows(y) * c, c * 3 * c, c * c, c * f, f, f * c, c};
    size_t at = 0;
    for (int i = 0; i < (int)tensor; i++) at += size[i];
    return at;
}

double pair_net_flops(const struct pair_net *y, size_t m)
{
    const double c = (double)y->channels,
                 pairs = 14.0; /* of six queries and keys, 14 c flops each */
    const double row = c + 2.0 * (double)y->hidden + (double)y->numbers + pairs;
    return 6.0 * c * ((double)m * row + 3.0 * c * (double)pair_table_rows(y));
}

void pair_net_init(const struct kernel_set *set, int threads, const struct pair_net *y,
                   float *param, struct init_source from)
{
    memset(param, 0, pair_net_offset(y, PAIR_TENSORS) * sizeof *param);
    for (int i = 0; i < PAIR_TENSORS; i++) {
        const size_t at = pair_net_offset(y, (enum pair_tensor)i),
                     count = pair_net_offset(y, (enum pair_tensor)(i + 1)) - at;
        const double of = (double)(i == PAIR_U ? y->numbers : y->channels);
        if (i != PAIR_IN_BIAS && i != PAIR_OUT_BIAS)
            normal_fill(set, threads, param + at, count, (float)(1.0 / sqrt(of)), from.seed,
                        from.stream + (uint64_t)i);
    }
}

/* ---- forward */

static void take_tokens(const struct pair_pass *p, int32_t *token)
{
    const struct train_step *a = p->a;
    for (size_t i = 0; i < p->m; i++, token += TOKENS) {
        for (size_t k = 0; k < LAST; k++) token[k] = (int32_t)a->src[i * a->ld_src + k];
        token[LAST] = (int32_t)p->y->numbers;
    }
}

/* Rows of positions in the table or in what is made of it, `wide` columns. */
static size_t positions(const struct pair_pass *p, size_t wide)
{
    return (p->y->numbers + 1) * wide;
}

/* Rows of `columns` floats, three to a pair. */
static struct strides rows_of(const struct pair_pass *p, size_t columns)
{
    return (struct strides){columns, p->c / p->y->heads, TOKENS * columns};
}
static float scale_of(const struct pair_pass *p)
{
    return (float)(1.0 / sqrt((double)p->c / (double)p->y->heads));
}

static void attend(const struct pair_pass *p)
{
    const size_t c = p->c, wide = 3 * c;
    int32_t *token = (int32_t *)(void *)p->part[TOKEN];
    float *qkv = p->part[QKV];
    const struct strides packed = rows_of(p, wide);
    take_tokens(p, token);
    const enum status status =
        embed_fwd(p->set, p->threads,
                  &(struct embed_fwd){.dst = qkv,
                                      .token = token,
                                      .wte = p->part[TABLES],
                                      .wpe = p->part[TABLES] + positions(p, wide),
                                      .m = TOKENS * p->m,
                                      .n = wide,
                                      .vocab = p->y->numbers + 1,
                                      .period = TOKENS});
    assert(status == STATUS_OK);
    (void)status;
    attn_fwd(p->set, p->threads,
             &(struct attn_fwd){.o = p->part[ATTENDED],
                                .lse = p->part[LSE],
                                .q = qkv,
                                .k = qkv + c,
                                .v = qkv + 2 * c,
                                .o_by = rows_of(p, c),
                                .q_by = packed,
                                .k_by = packed,
                                .v_by = packed,
                                .batch = p->m,
                                .heads = p->y->heads,
                                .t = TOKENS,
                                .d = c / p->y->heads,
                                .scale = scale_of(p),
                                .causal = true});
}

void pair_net_fwd(const struct kernel_set *set, int threads, const struct pair_net *y,
                  const struct train_step *a)
{
    struct pair_pass p;
    pair_pass_open(&p, set, threads, y, a);
    const size_t c = p.c;
    const float *table = pair_param(&p, PAIR_TABLE), *equals = table + y->numbers * c;
    float *stream = p.part[STREAM];
    pair_layer_fwd(&p, PAIR_QKV, p.part[TABLES], table);
    attend(&p);
    axpy(set, threads, p.part[START], 1.0f, equals, table + positions(&p, c) + LAST * c, c);
    pair_layer_fwd(&p, PAIR_O, p.part[MID], p.part[ATTENDED] + LAST * c);
    pair_layer_fwd(&p, PAIR_IN, p.part[HIDDEN], p.part[MID]);
    pair_layer_fwd(&p, PAIR_OUT, stream, p.part[HIDDEN]);
    axpy(set, threads, stream, 1.0f, stream, p.part[MID], p.m * c);
    train_step_fwd(set, threads, &p.head);
}

enum status pair_net_loss(const struct kernel_set *set, int threads, const struct pair_net *y,
                          const struct train_step *a)
{
    struct pair_pass p;
    pair_pass_open(&p, set, threads, y, a);
    return train_step_loss(set, threads, &p.head);
}

const float *pair_net_outputs(const struct pair_net *y, const struct train_step *a)
{
    struct pair_pass p;
    pair_pass_open(&p, NULL, 1, y, a);
    return train_step_acts(&p.head, 1);
}

/* ---- backward */

/* From the gradient of o to that of the table and w_qkv. */
static void attend_bwd(const struct pair_pass *p)
{
    const size_t c = p->c, wide = 3 * c;
    const float *qkv = p->part[QKV];
    float *dqkv = p->part[D_QKV], *dtables = p->part[D_TABLES];
    const struct strides packed = rows_of(p, wide), rows = rows_of(p, c);
    attn_bwd(p->set, p->threads,
             &(struct attn_bwd){.dq = dqkv,
                                .dk = dqkv + c,
                                .dv = dqkv + 2 * c,
                                .scratch = p->part[ATTENTION],
                                .grad = p->part[D_ATTENDED],
                                .o = p->part[ATTENDED],
                                .lse = p->part[LSE],
                                .q = qkv,
                                .k = qkv + c,
                                .v = qkv + 2 * c,
                                .dq_by = packed,
                                .dk_by = packed,
                                .dv_by = packed,
                                .grad_by = rows,
                                .o_by = rows,
                                .q_by = packed,
                                .k_by = packed,
                                .v_by = packed,
                                .batch = p->m,
                                .heads = p->y->heads,
                                .t = TOKENS,
                                .d = c / p->y->heads,
                                .scale = scale_of(p),
                                .causal = true});
    memset(dtables, 0, pair_table_rows(p->y) * wide * sizeof *dtables);
    const enum status status =
        embed_bwd(p->set, p->threads,
                  &(struct embed_bwd){.dwte = dtables,
                                      .dwpe = dtables + positions(p, wide),
                                      .ddst = dqkv,
                                      .token = (const int32_t *)(const void *)p->part[TOKEN],
                                      .m = TOKENS * p->m,
                                      .n = wide,
                                      .vocab = p->y->numbers + 1,
                                      .period = TOKENS});
    assert(status == STATUS_OK); /* as in the forward pass */
    (void)status;
    pair_layer_bwd(p, PAIR_QKV,
                   &(struct pair_grads){.dsrc = pair_grad(p, PAIR_TABLE),
                                        .ddst = dtables,
                                        .src = pair_param(p, PAIR_TABLE)});
}

void pair_net_bwd(const struct kernel_set *set, int threads, const struct pair_net *y,
                  const struct train_step *a)
{
    struct pair_pass p;
    pair_pass_open(&p, set, threads, y, a);
    const size_t c = p.c, all = p.m * c;
    float *dstream = p.part[D_STREAM], *dmid = p.part[D_MID], *dstart = p.part[D_START];
    float *equals = pair_grad(&p, PAIR_TABLE) + y->numbers * c,
          *last = pair_grad(&p, PAIR_TABLE) + positions(&p, c) + LAST * c;
    train_step_bwd(set, threads, &p.head);
    dense_bwd_data(set, threads,
                   &(struct dense_bwd_data){.dsrc = dstream,
                                            .ddst = train_step_back(&p.head, 1),
                                            .w = pair_param(&p, PAIR_U),
                                            .m = p.m,
                                            .n = y->numbers,
                                            .k = c,
                                            .ld_dsrc = c,
                                            .ld_ddst = y->numbers,
                                            .ld_w = y->numbers});
    pair_layer_bwd(&p, PAIR_OUT,
                   &(struct pair_grads){pair_grad(&p, PAIR_OUT_BIAS), p.part[D_HIDDEN], dstream,
                                        p.part[HIDDEN]});
    pair_layer_bwd(
        &p, PAIR_IN,
        &(struct pair_grads){pair_grad(&p, PAIR_IN_BIAS), dmid, p.part[D_HIDDEN], p.part[MID]});
    axpy(set, threads, dmid, 1.0f, dmid, dstream, all);
    memset(p.part[D_ATTENDED], 0, TOKENS * all * sizeof *dmid);
    pair_layer_bwd(&p, PAIR_O,
                   &(struct pair_grads){dstart, p.part[D_ATTENDED] + LAST * c, dmid,
                                        p.part[ATTENDED] + LAST * c});
    attend_bwd(&p);
    axpy(set, threads, equals, 1.0f, equals, dstart, c);
    axpy(set, threads, last, 1.0f, last, dstart, c);
}
