#include "net_sparse.h"

#include <string.h>

#include "base/par.h"

/* Rows of a panel's work space: two layers that take turns, or all units where any may be read. */
static size_t work_rows(const struct relu_net *net)
{
    const size_t width = net->size.width > net->inputs ? net->size.width : net->inputs;
    return net->skip ? net_units(net) : 2 * width;
}

static size_t default_panel(const struct relu_net *net)
{
    enum { LEAST = 16, MOST = 128 };
    const size_t near = (size_t)1 << 19, rows = work_rows(net) + 1;
    size_t panel = MOST;
    while (panel > LEAST && panel * rows * sizeof(float) > near) panel /= 2;
    return panel;
}

enum status net_sparse_open(struct net_sparse *s, const struct relu_net *net, size_t panel,
                            int threads)
{
    *s = (struct net_sparse){.net = net, .panel = panel, .threads = threads};
    for (size_t l = 0; l <= net->depth; l++) {
        const struct net_layer *y = &net->layer[l];
        const enum status status = sparse_relu_fwd_valid(&(struct sparse_relu_fwd){
            .start = y->start, .col = y->col, .n = y->rows, .k = y->columns});
        if (status != STATUS_OK) return status;
    }
    if (!panel) s->panel = default_panel(net);
    s->room = arena_bytes(work_rows(net) * s->panel, sizeof(float)) / sizeof(float);
    return arena_open(&s->arena, s->room * (size_t)threads * sizeof(float), "a panel of a network");
}

void net_sparse_close(struct net_sparse *s)
{
    arena_close(&s->arena);
}

struct exec {
    const struct net_sparse *s;
    const struct kernel_set *set;
    const float *src;
    float *dst;
    size_t m;
};

/* Inputs j .. j + cols through all layers. */
static void panel(const struct exec *e, float *work, size_t j, size_t cols)
{
    const struct relu_net *net = e->s->net;
    const size_t ld = e->s->panel, half = e->s->room / 2 / ld * ld;
    float *from = work, *to = work + (net->skip ? net->inputs * ld : half);
    for (size_t i = 0; i < net->inputs; i++)
        memcpy(work + i * ld, e->src + i * e->m + j, cols * sizeof *work);
    for (size_t l = 0; l <= net->depth; l++) {
        const struct net_layer *y = &net->layer[l];
        const bool last = l == net->depth;
        e->set->sparse_relu_fwd(&(struct sparse_relu_fwd){.dst = last ? e->dst + j : to,
                                                          .src = from,
                                                          .value = y->value,
                                                          .bias = y->bias,
                                                          .start = y->start,
                                                          .col = y->col,
                                                          .m = cols,
                                                          .n = y->rows,
                                                          .k = y->columns,
                                                          .ld_dst = last ? e->m : ld,
                                                          .ld_src = ld,
                                                          .relu = !last});
        if (net->skip) {
            to += y->rows * ld;
        } else {
            from = to;
            to = to == work ? work + half : work;
        }
    }
}

static void member(const struct team *team, void *ctx)
{
    const struct exec *e = ctx;
    const size_t wide = e->s->panel, panels = (e->m + wide - 1) / wide;
    const struct range own = team_range(team, panels, 1);
    float *work = (float *)e->s->arena.base + (size_t)team->id * e->s->room;
    for (size_t p = own.begin; p < own.end; p++)
        panel(e, work, p * wide, e->m - p * wide < wide ? e->m - p * wide : wide);
}

void net_sparse_exec(const struct net_sparse *s, const struct kernel_set *set, const float *src,
                     float *dst, size_t m)
{
    struct exec e = {s, set, src, dst, m};
    const size_t panels = (m + s->panel - 1) / s->panel;
    par_team(panels < (size_t)s->threads ? (int)panels : s->threads, member, &e);
}
