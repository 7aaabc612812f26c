#include <assert.h>
#include <float.h>

#include "../isa.h"
#include "../simd/attn_tile.h"
#include "../simd/vec_math.h"
#include "attn_fwd.h"

attn_fwd_fn ISA(attn_fwd);

/* Lanes are queries: the softmax needs no fold, keys and values are read as they lie, and only the queries and
 * the output are turned. TILE_V panels of sixteen queries go together through the tiles, SUMS of
 * their sums where causal lanes differ. */
#if defined(TARGET_AVX512)
enum { SUMS = 16 };
#else
enum { SUMS = 4 };
#endif
enum {
    GROUP = TILE_V * VL,
    KEYS = ATTN_FWD_KEYS,
    QUERIES = ATTN_FWD_QUERIES,
    PITCH = ATTN_FWD_D + VL, /* the most that rows of a block of keys lie apart */
    STATE = ATTN_FWD_D * 32, /* floats of the queries, and of the sums, that are under way */
};

/* What is under way for up to QUERIES queries of a head. Queries: panels of d x 16. Sums: groups of d x GROUP. */
struct state {
    const struct attn_fwd *a;
    size_t head, query, count, pitch;
    float m[QUERIES], l[QUERIES];
    _Alignas(64) float q[STATE], acc[STATE];
    _Alignas(64) float k[KEYS * PITCH], v[KEYS * PITCH], p[KEYS * GROUP];
};

/* A group of `panels` panels from panel `first` on, and which keys of the block it sees: all lanes of panel i the
 * first `full` + 16 i or all, with causal lane c of it c + 1 more. */
struct group {
    size_t first, panels, full, keys;
};
V_INLINE size_t least(size_t x, size_t y)
{
    return x < y ? x : y;
}
V_INLINE size_t whole_of(const struct group *g, size_t panel)
{
    return least(g->full + panel * VL, g->keys);
}

/* The lanes that see key j of those that only some see. */
V_INLINE vm seen(size_t j)
{
    return vi_gt(vi_iota(1), vi_set1((uint32_t)j));
}

static void take_queries(struct state *s)
{
    const struct attn_fwd *a = s->a;
    const float *q = a->q + strides_at(a->q_by, a->heads, s->head, s->query);
    const vf scale = v_set1(a->scale);
    for (size_t i = 0; i < s->count; i += VL) {
        const int rows = s->count - i < VL ? (int)(s->count - i) : VL;
        for (size_t p = 0; p < a->d; p += VL) {
            const size_t wide = a->d - p;
            vf r[VL];
            tile_turn(r, q + i * a->q_by.row + p, a->q_by.row, rows, wide < VL ? (int)wide : VL);
            UNROLL
            for (size_t j = 0; j < VL; j++)
                if (j < wide) v_store(s->q + i * a->d + (p + j) * VL, v_mul(scale, r[j]));
        }
        v_store(s->m + i, v_set1(-FLT_MAX));
        v_store(s->l + i, v_zero());
    }
    const size_t groups = (s->count + GROUP - 1) / GROUP;
    for (size_t i = 0; i < groups * GROUP * a->d; i += VL) v_store(s->acc + i, v_zero());
}

static void copy_rows(float *to, size_t pitch, const float *from, size_t step, size_t rows,
                      size_t d)
{
    for (size_t i = 0; i < rows; i++, to += pitch, from += step)
        for (size_t c = 0; c < d; c += VL)
            v_store(to + c, v_load_rest(from + c, d - c < VL ? (int)(d - c) : VL));
}

/* s_j: one row of GROUP a key; most takes the greatest of each lane. */
static void scores(struct state *s, const struct group *g, float *most)
{
    const size_t d = s->a->d;
    const struct attn_tile t = {.c = s->p,
                                .a = s->k,
                                .b = s->q + g->first * VL * d,
                                .terms = d,
                                .ld_c = GROUP,
                                .ld_a = s->pitch,
                                .ld_b = VL,
                                .panel_b = VL * d,
                                .rest = VL,
                                .most = most};
    attn_sweep_rows(t, least(g->full + g->panels * VL, g->keys), g->panels);
}

/* Scores become weights. `most` is the greatest score of the keys that all lanes see, and of those before; shrink
 * gets by what the sums so far shrink. */
V_INLINE void weights(struct state *s, const struct group *g, size_t panel, const float *most,
                      float *shrink)
{
    const size_t whole = whole_of(g, panel), some = least(g->keys - whole, VL);
    float *p = s->p + panel * VL, *tail = p + whole * GROUP;
    float *const at_m = s->m + (g->first + panel) * VL, *const at_l =
                                                            s->l + (g->first + panel) * VL;
    vf m = v_load(most);
    if (g->full < g->keys) {
        for (size_t j = 0; j < whole; j++) m = v_max(v_load(p + j * GROUP), m);
        for (size_t j = 0; j < some; j++)
            m = v_select(seen(j), v_max(v_load(tail + j * GROUP), m), m);
    }
    const vf less = v_exp_nonpositive(v_sub(v_load(at_m), m));
    vf l = v_mul(v_load(at_l), less);
    for (size_t j = 0; j < whole; j++) {
        const vf x = v_exp_nonpositive(v_sub(v_load(p + j * GROUP), m));
        v_store(p + j * GROUP, x);
        l = v_add(l, x);
    }
    for (size_t j = 0; j < some; j++) {
        const vf x = v_exp_nonpositive(v_sub(v_load(tail + j * GROUP), m));
        v_store(tail + j * GROUP, x);
        l = v_select(seen(j), v_add(l, x), l);
    }
    v_store(at_m, m);
    v_store(at_l, l);
    v_store(shrink, less);
}

/* `count` sums take keys that only some lanes see. */
V_INLINE void add_some(const float *p, const float *v, size_t pitch, float *acc, size_t keys,
                       const size_t count)
{
    vf sum[SUMS];
    UNROLL
    for (size_t i = 0; i < count; i++) sum[i] = v_load(acc + i * GROUP);
    for (size_t j = 0; j < keys; j++) {
        const vm on = seen(j);
        const vf x = v_load(p + j * GROUP);
        UNROLL
        for (size_t i = 0; i < count; i++)
            sum[i] = v_select(on, v_fma(x, v_set1(v[j * pitch + i]), sum[i]), sum[i]);
    }
    UNROLL
    for (size_t i = 0; i < count; i++) v_store(acc + i * GROUP, sum[i]);
}

static void add_block(struct state *s, const struct group *g, const float *shrink)
{
    const size_t d = s->a->d, pitch = s->pitch;
    struct attn_tile t = {.c = s->acc + g->first * VL * d,
                          .a = s->v,
                          .b = s->p,
                          .terms = g->full,
                          .ld_c = GROUP,
                          .ld_a = pitch,
                          .ld_b = GROUP,
                          .panel_b = VL,
                          .rest = VL,
                          .load = true,
                          .shrink = shrink};
    attn_sweep_columns(t, d, g->panels);
    t.a += g->full * pitch;
    t.b += g->full * GROUP;
    t.shrink = NULL;
    for (size_t i = 0; i < g->panels && g->full < g->keys; i++, t.c += VL, t.b += VL) {
        const size_t whole = whole_of(g, i), some = least(g->keys - whole, VL);
        const float *p = s->p + whole * GROUP + i * VL, *v = s->v + whole * pitch;
        t.terms = whole - g->full;
        if (t.terms) attn_sweep_columns(t, d, 1);
        size_t c = 0;
        for (; c + SUMS <= d; c += SUMS) add_some(p, v + c, pitch, t.c + c * GROUP, some, SUMS);
        for (; c < d; c++) add_some(p, v + c, pitch, t.c + c * GROUP, some, 1);
    }
}

/* Into L2 what the next block of so many keys will copy: rows r of them. */
static void fetch(const struct attn_fwd *a, size_t head, size_t j0, size_t begin, size_t end)
{
    const float *k = a->k + strides_at(a->k_by, a->heads, head, j0);
    const float *v = a->v + strides_at(a->v_by, a->heads, head, j0);
    for (size_t j = begin; j < end; j++)
        for (size_t c = 0; c < a->d; c += VL) {
            __builtin_prefetch(k + j * a->k_by.row + c, 0, 2);
            __builtin_prefetch(v + j * a->v_by.row + c, 0, 2);
        }
}

/* Keys j0 to j0 + keys, for each group of queries; `next` keys follow. */
static void block(struct state *s, size_t j0, size_t keys, size_t next)
{
    const struct attn_fwd *a = s->a;
    const size_t panels = pieces_of(s->count, VL), groups = pieces_of(panels, TILE_V), d = a->d;
    copy_rows(s->k, s->pitch, a->k + strides_at(a->k_by, a->heads, s->head, j0), a->k_by.row, keys,
              d);
    copy_rows(s->v, s->pitch, a->v + strides_at(a->v_by, a->heads, s->head, j0), a->v_by.row, keys,
              d);
    for (size_t i = 0; i < groups; i++) {
        struct group g = {i * TILE_V, least(panels - i * TILE_V, TILE_V), keys, keys};
        const size_t first = s->query + i * GROUP;
        float most[GROUP], shrink[GROUP];
        fetch(a, s->head, j0 + keys, piece_begin(next, groups, i),
              piece_begin(next, groups, i + 1));
        /* Queries before the block see none of it: a block begins where a group does. */
        if (a->causal && first < j0) continue;
        if (a->causal) g.full = least(first - j0, keys);
        for (size_t p = 0; p < g.panels; p++)
            v_store(most + p * VL, v_load(s->m + i * GROUP + p * VL));
        scores(s, &g, g.full < keys ? NULL : most);
        for (size_t p = 0; p < g.panels; p++) weights(s, &g, p, most + p * VL, shrink + p * VL);
        add_block(s, &g, shrink);
    }
}

static void put_output(struct state *s)
{
    const struct attn_fwd *a = s->a;
    for (size_t i = 0; i < s->count; i += VL) {
        const int rows = s->count - i < VL ? (int)(s->count - i) : VL;
        float *o = a->o + strides_at(a->o_by, a->heads, s->head, s->query + i);
        const float *acc = s->acc + i / GROUP * GROUP * a->d + i % GROUP;
        const vf l = v_load(s->l + i), inverse = v_div(v_set1(1.0f), l);
        if (a->lse)
            v_store_rest(a->lse + s->head * a->t + s->query + i, v_add(v_load(s->m + i), v_log(l)),
                         rows);
        for (size_t c = 0; c < a->d; c += VL) {
            const size_t wide = a->d - c;
            vf r[VL];
            UNROLL
            for (size_t j = 0; j < VL; j++)
                r[j] = j < wide ? v_mul(v_load(acc + (c + j) * GROUP), inverse) : v_zero();
            v_transpose(r);
            UNROLL
            for (int j = 0; j < VL; j++)
                if (j < rows)
                    v_store_rest(o + (size_t)j * a->o_by.row + c, r[j], wide < VL ? (int)wide : VL);
        }
    }
}

void ISA(attn_fwd)(const struct attn_fwd *a, size_t begin, size_t end)
{
    struct state s;
    assert(a->d <= ATTN_FWD_D);
    s.a = a;
    s.pitch = (a->d + VL - 1) / VL * VL + VL;
    /* As many queries at once as there is room for. */
    const size_t room = a->d * QUERIES <= STATE ? QUERIES : STATE / (a->d * GROUP) * GROUP;
    for (size_t unit = begin; unit < end; unit++) {
        const struct attn_fwd_unit u = attn_fwd_unit(a, unit);
        const size_t last = a->t - u.query < QUERIES ? a->t : u.query + QUERIES;
        s.head = u.head;
        for (s.query = u.query; s.query < last; s.query += s.count) {
            s.count = last - s.query < room ? last - s.query : room;
            take_queries(&s);
            const size_t keys = a->causal ? s.query + s.count : a->t;
            for (size_t j = 0; j < keys; j += KEYS)
                block(&s, j, least(keys - j, KEYS),
                      keys - j > KEYS ? least(keys - j - KEYS, KEYS) : 0);
            put_output(&s);
        }
    }
}
