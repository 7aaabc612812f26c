#include <assert.h>

#include "../base/par.h"
#include "../isa.h"
#include "../simd/attn_tile.h"
#include "../simd/vec_math.h"
#include "attn_bwd.h"

attn_bwd_fn ISA(attn_bwd);

/* Pairs of a block of queries and a block of keys, whose five products stay in L2. A column, all blocks of queries of
 * one block of keys, keeps its gradients and turns its keys and values once; a block of dq is read and written. */
enum {
    STRIP = ATTN_BWD_STRIP,
    BLOCK = ATTN_BWD_BLOCK,
    ROOM = BLOCK * (256 + VL), /* floats of a block's rows: for wider heads it has fewer */
};

/* What a member has under way. Rows lie `pitch` apart, and are padded with +0 to whole vectors. */
struct state {
    const struct attn_bwd *a;
    size_t head, block, pitch;
    _Alignas(64) float k_turned[ROOM], v_turned[ROOM]; /* panels of d x 16 */
    _Alignas(64) float k[ROOM], dk[ROOM], dv[ROOM];    /* of the column; k times scale */
    _Alignas(64) float q[ROOM], grad[ROOM];            /* of the pair; q times scale */
    _Alignas(64) float p[BLOCK * BLOCK], ds[BLOCK * BLOCK];
};

#define AT(x, i) (a->x + strides_at(a->x##_by, a->heads, s->head, i))

V_INLINE size_t least(size_t x, size_t y)
{
    return x < y ? x : y;
}
V_INLINE int rest_of(size_t d, size_t c)
{
    return d - c < VL ? (int)(d - c) : VL;
}

static void copy_rows(const struct state *s, float *to, const float *from, size_t step, size_t rows,
                      float scale)
{
    const vf by = v_set1(scale);
    const size_t d = s->a->d;
    for (size_t i = 0; i < rows; i++, to += s->pitch, from += step)
        for (size_t c = 0; c < d; c += VL)
            v_store(to + c, v_mul(by, v_load_rest(from + c, rest_of(d, c))));
}

static void turn_rows(float *to, const float *from, size_t step, size_t rows, size_t d)
{
    for (size_t i = 0; i < rows; i += VL)
        for (size_t c = 0; c < d; c += VL) {
            const size_t wide = d - c;
            vf r[VL];
            tile_turn(r, from + i * step + c, step, rest_of(rows, i), rest_of(d, c));
            UNROLL
            for (size_t j = 0; j < VL; j++)
                if (j < wide) v_store(to + i * d + (c + j) * VL, r[j]);
        }
}

static void open_column(struct state *s, size_t j0, size_t keys)
{
    const struct attn_bwd *a = s->a;
    turn_rows(s->k_turned, AT(k, j0), a->k_by.row, keys, a->d);
    turn_rows(s->v_turned, AT(v, j0), a->v_by.row, keys, a->d);
    copy_rows(s, s->k, AT(k, j0), a->k_by.row, keys, a->scale);
    for (size_t i = 0; i < keys * s->pitch; i += VL) {
        v_store(s->dk + i, v_zero());
        v_store(s->dv + i, v_zero());
    }
}

static void close_column(struct state *s, size_t j0, size_t keys)
{
    const struct attn_bwd *a = s->a;
    for (size_t j = 0; j < keys; j++)
        for (size_t c = 0; c < a->d; c += VL) {
            v_store_rest(AT(dk, j0 + j) + c, v_load(s->dk + j * s->pitch + c), rest_of(a->d, c));
            v_store_rest(AT(dv, j0 + j) + c, v_load(s->dv + j * s->pitch + c), rest_of(a->d, c));
        }
}

/* D of the rows. */
static void row_dots(const struct state *s, size_t i0, size_t rows)
{
    const struct attn_bwd *a = s->a;
    for (size_t i = i0; i < i0 + rows; i++) {
        const float *x = AT(grad, i), *y = AT(o, i);
        vf sum = v_zero();
        size_t c = 0;
        for (; c + VL <= a->d; c += VL) sum = v_fma(v_load(x + c), v_load(y + c), sum);
        /* Absent lanes add -0 * 0 = -0, which leaves both +0 and -0 as they were. */
        if (c < a->d)
            sum = v_fma(v_load_n(x + c, (int)(a->d - c), -0.0f),
                        v_load_n(y + c, (int)(a->d - c), 0.0f), sum);
        a->scratch[s->head * a->t + i] = v_sum(sum);
    }
}

/* Rows r to r + rows of the pair, and the first `keys` keys: p and ds. */
static void weights(struct state *s, size_t i0, size_t r, size_t rows, size_t keys)
{
    const struct attn_bwd *a = s->a;
    const size_t panels = pieces_of(keys, VL);
    struct attn_tile t = {.terms = a->d,
                          .ld_c = BLOCK,
                          .ld_a = s->pitch,
                          .ld_b = VL,
                          .panel_b = VL * a->d,
                          .rest = VL};
    for (size_t v = 0; v < panels; v += TILE_V) {
        const size_t wide = least(panels - v, TILE_V);
        t.c = s->p + r * BLOCK + v * VL;
        t.a = s->q + r * s->pitch;
        t.b = s->k_turned + v * VL * a->d;
        attn_sweep_rows(t, rows, wide);
        t.c = s->ds + r * BLOCK + v * VL;
        t.a = s->grad + r * s->pitch;
        t.b = s->v_turned + v * VL * a->d;
        attn_sweep_rows(t, rows, wide);
    }
    for (size_t i = r; i < r + rows; i++) {
        const vf lse = v_set1(a->lse[s->head * a->t + i0 + i]);
        const vf dot = v_set1(a->scratch[s->head * a->t + i0 + i]);
        for (size_t at = i * BLOCK; at < i * BLOCK + panels * VL; at += VL) {
            const vf p = v_exp_nonpositive(v_sub(v_load(s->p + at), lse));
            v_store(s->p + at, p);
            v_store(s->ds + at, v_mul(p, v_sub(v_load(s->ds + at), dot)));
        }
    }
}

/* Of the last strip of keys row i sees those up to itself. */
static void mask(struct state *s, size_t r, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        const size_t at = (r + i) * BLOCK + r;
        const vm seen = vi_gt(vi_set1((uint32_t)i + 1), vi_iota(0));
        v_store(s->p + at, v_keep(seen, v_load(s->p + at)));
        v_store(s->ds + at, v_keep(seen, v_load(s->ds + at)));
    }
}

/* Panels of d columns, TILE_V at once. */
static void add_queries(struct state *s, size_t i0, size_t r, size_t rows, size_t keys, bool load)
{
    const struct attn_bwd *a = s->a;
    const size_t panels = pieces_of(a->d, VL);
    struct attn_tile t = {.a = s->ds + r * BLOCK,
                          .terms = keys,
                          .ld_c = a->dq_by.row,
                          .ld_a = BLOCK,
                          .ld_b = s->pitch,
                          .panel_b = VL,
                          .rest = VL,
                          .load = load};
    for (size_t v = 0; v < panels; v += TILE_V) {
        const size_t wide = least(panels - v, TILE_V);
        t.c = AT(dq, i0 + r) + v * VL;
        t.b = s->k + v * VL;
        if (v + wide == panels) t.rest = rest_of(a->d, (panels - 1) * VL);
        attn_sweep_rows(t, rows, wide);
    }
}

static void add_keys(struct state *s, size_t r, size_t rows, size_t j, size_t keys)
{
    const size_t panels = pieces_of(s->a->d, VL);
    struct attn_tile t = {.terms = rows,
                          .ld_c = s->pitch,
                          .ld_a = BLOCK,
                          .ld_b = s->pitch,
                          .panel_b = VL,
                          .rest = VL,
                          .load = true};
    for (size_t v = 0; v < panels; v += TILE_V) {
        const size_t wide = least(panels - v, TILE_V);
        t.c = s->dk + j * s->pitch + v * VL;
        t.a = s->ds + r * BLOCK + j;
        t.b = s->q + r * s->pitch + v * VL;
        attn_sweep_columns(t, keys, wide);
        t.c = s->dv + j * s->pitch + v * VL;
        t.a = s->p + r * BLOCK + j;
        t.b = s->grad + r * s->pitch + v * VL;
        attn_sweep_columns(t, keys, wide);
    }
}

static void pair(struct state *s, size_t i0, size_t j0)
{
    const struct attn_bwd *a = s->a;
    const size_t rows = least(a->t - i0, s->block), keys = least(a->t - j0, s->block);
    copy_rows(s, s->q, AT(q, i0), a->q_by.row, rows, a->scale);
    copy_rows(s, s->grad, AT(grad, i0), a->grad_by.row, rows, 1.0f);
    if (j0 == 0) row_dots(s, i0, rows);
    if (!a->causal || j0 < i0) {
        weights(s, i0, 0, rows, keys);
        add_queries(s, i0, 0, rows, keys, j0 > 0);
        add_keys(s, 0, rows, 0, keys);
        return;
    }
    for (size_t r = 0; r < rows; r += STRIP) {
        const size_t strip = least(rows - r, STRIP);
        weights(s, i0, r, strip, r + strip);
        mask(s, r, strip);
        add_queries(s, i0, r, strip, r + strip, j0 > 0);
    }
    for (size_t j = 0; j < keys; j += STRIP) add_keys(s, j, rows - j, j, least(keys - j, STRIP));
}

/* The steps until the next `size` columns may begin: when the last of these has left their first row. */
static size_t length_of(const struct attn_bwd *a, size_t blocks, size_t column, size_t size)
{
    const size_t rows = a->causal ? blocks - column : blocks,
                 least_gap = a->causal ? 2 * size : size;
    return rows > least_gap ? rows : least_gap;
}

/* All pairs of a head. Member m of `size` takes columns m, m + size, ...; all go down the blocks of queries, each one
 * step behind the column before, so that every block of dq takes its columns in order. */
static void head(struct state *s, const struct team *team)
{
    const struct attn_bwd *a = s->a;
    const size_t size = (size_t)team->size, id = (size_t)team->id;
    const size_t blocks = pieces_of(a->t, s->block);
    for (size_t wait = 0; wait < id; wait++) team_barrier(team);
    for (size_t group = 0; group < blocks; group += size) {
        const size_t j = group + id, length = length_of(a, blocks, group, size);
        const size_t keys = j < blocks ? least(a->t - j * s->block, s->block) : 0;
        for (size_t step = 0; step < length; step++) {
            const size_t i = (a->causal ? group : 0) + step;
            if (j < blocks && i < blocks && (!a->causal || i >= j)) {
                if (i == (a->causal ? j : 0)) open_column(s, j * s->block, keys);
                pair(s, i * s->block, j * s->block);
                if (i + 1 == blocks) close_column(s, j * s->block, keys);
            }
            team_barrier(team);
        }
    }
    for (size_t wait = id + 1; wait < size; wait++) team_barrier(team);
}

/* Whole heads for each member while there are enough, the others together. */
void ISA(attn_bwd)(const struct attn_bwd *a, const struct team *team)
{
    const size_t heads = a->batch * a->heads, each = heads / (size_t)team->size;
    struct state s;
    assert(a->d <= ATTN_BWD_D);
    s.a = a;
    s.pitch = pieces_of(a->d, VL) * VL + VL;
    s.block = a->d <= 256 ? BLOCK : a->d <= 512 ? BLOCK / 2 : BLOCK / 4;
    for (size_t i = 0; i < each; i++) {
        s.head = (size_t)team->id * each + i;
        head(&s, &(struct team){1, 0, NULL});
    }
    for (s.head = each * (size_t)team->size; s.head < heads; s.head++) head(&s, team);
}
