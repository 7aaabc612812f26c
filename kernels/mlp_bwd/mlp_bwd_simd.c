#include "../base/par.h"
#include "../isa.h"
#include "../simd/gemm.h"
#include "../simd/gemv.h"
#include "../simd/outer.h"
#include "mlp_bwd.h"

mlp_bwd_fn ISA(mlp_bwd);

/* The gradient of the last output where it was rectified, rows of this member. */
static void mask_out(const struct mlp_bwd *a, struct range r)
{
    const float *act = a->acts + (a->depth - 1) * a->m * a->ld_acts;
    float *to = a->scratch + (a->depth - 1) % 2 * a->m * a->n;
    for (size_t i = r.begin; i < r.end; i++)
        for (size_t j = 0; j < a->n; j += VL) {
            const int rest = a->n - j < VL ? (int)(a->n - j) : VL;
            const vf y = v_load_rest(act + i * a->ld_acts + j, rest);
            const vf d = v_load_rest(a->ddst + i * a->ld_ddst + j, rest);
            v_store_rest(to + i * a->n + j, v_keep(v_nle(y, v_zero()), d), rest);
        }
}

/* Rows p to `end` of w, columns j to j + terms, as panels of the transpose that lie terms x 16
 * apart. */
static void turn(float *to, const struct mlp_bwd_step *s, size_t p, size_t end, size_t j,
                 size_t terms)
{
    for (; p < end; p += VL)
        for (size_t t = 0; t < terms; t += VL) {
            const float *from = s->w + ((j + t) / VL * s->rows + p) * VL;
            const size_t columns = terms - t;
            vf r[VL];
            tile_turn(r, from, VL, end - p < VL ? (int)(end - p) : VL, VL);
            UNROLL
            for (size_t i = 0; i < VL; i++)
                if (i < columns) v_store(to + i * VL, r[i]);
            to += (columns < VL ? columns : VL) * VL;
        }
}

/* Columns r of the gradient of the layer's input: blocks of w are turned in L2 and used for all
 * rows. */
static void data(const struct mlp_bwd *a, const struct mlp_bwd_step *s, struct range r)
{
    enum { TERMS = 256, COLUMNS = 128 };
    _Alignas(64) float b[TERMS * COLUMNS];
    if (a->m == 1) {
        gemv(&(struct gemv){.c = s->d_in + r.begin,
                            .a = s->d_out,
                            .w = s->w + r.begin * VL,
                            .mask = s->mask ? s->mask + r.begin : NULL,
                            .n = a->n,
                            .k = r.end - r.begin,
                            .step_p = VL,
                            .step_j = s->rows * VL,
                            .padded = true});
        return;
    }
    for (size_t p = r.begin; p < r.end; p += COLUMNS) {
        const size_t end = r.end - p < COLUMNS ? r.end : p + COLUMNS;
        size_t j = 0;
        do {
            const size_t terms = a->n - j < TERMS ? a->n - j : TERMS;
            const bool last = j + terms == a->n;
            turn(b, s, p, end, j, terms);
            const struct gemm g = {.c = s->d_in + p,
                                   .a = s->d_out + j,
                                   .b = b,
                                   .mask = s->mask && last ? s->mask + p : NULL,
                                   .m = a->m,
                                   .n = end - p,
                                   .k = terms,
                                   .ldc = s->ld_d_in,
                                   .lda = s->ld_d_out,
                                   .ldb = terms * VL,
                                   .ld_mask = s->ld_in,
                                   .layout = GEMM_PACKED,
                                   .accumulate = j > 0};
            gemm(&g);
            j += terms;
        } while (j < a->n);
    }
}

/* Rows r of the gradient of w; db too where given. */
static void weights(const struct mlp_bwd *a, const struct mlp_bwd_step *s, struct range r,
                    float *db)
{
    struct outer o = {.c = a->dw ? a->dw + (s->first_row + r.begin) * a->ld_dw : NULL,
                      .sums = db,
                      .w = a->update ? s->w + r.begin * VL : NULL,
                      .a = s->in + r.begin,
                      .b = s->d_out,
                      .m = a->m,
                      .n = a->n,
                      .k = r.end - r.begin,
                      .ldc = a->ld_dw,
                      .lda = s->ld_in,
                      .ldb = s->ld_d_out,
                      .ld_w = s->rows * VL,
                      .rate = a->lr};
    enum { ROWS = 8 * OUTER_R, COLUMNS = 128 };
    if (a->dw || a->m <= OUTER_MC || o.k == 0) {
        outer(&o);
        return;
    }
    /* Sums over several blocks of the batch, and no place for them but here. */
    float c[ROWS * COLUMNS];
    for (size_t p = 0; p < r.end - r.begin; p += ROWS)
        for (size_t j = 0; j < a->n; j += COLUMNS) {
            struct outer part = o;
            part.c = c;
            part.ldc = COLUMNS;
            part.a += p;
            part.b += j;
            part.w += j / VL * o.ld_w + p * VL;
            part.sums = db && p == 0 ? db + j : NULL;
            part.n = a->n - j < COLUMNS ? a->n - j : COLUMNS;
            part.k = o.k - p < ROWS ? o.k - p : ROWS;
            outer(&part);
        }
}

static void update_bias(float *bias, const float *db, float lr, size_t n)
{
    const vf rate = v_set1(lr);
    for (size_t j = 0; j < n; j += VL) {
        const int rest = n - j < VL ? (int)(n - j) : VL;
        v_store_rest(bias + j, v_fnma(rate, v_load_rest(db + j, rest), v_load_rest(bias + j, rest)),
                     rest);
    }
}

void ISA(mlp_bwd)(const struct mlp_bwd *a, const struct team *team)
{
    if (a->depth == 0) return;
    if (!a->linear_out) {
        mask_out(a, team_range(team, a->m, 1));
        team_barrier(team);
    }
    for (size_t l = a->depth; l-- > 0;) {
        const struct mlp_bwd_step s = mlp_bwd_step(a, l);
        /* A member reads the rows of w that it updates, and no others: no barrier between the two.
         */
        const struct range r = team_range(team, s.rows, VL);
        float *db = team->id == 0 ? a->db + l * a->n : NULL;
        if (s.d_in) data(a, &s, r);
        if (r.begin < r.end || db) weights(a, &s, r, db);
        if (db && a->update && a->bias) update_bias(a->bias + l * a->n, db, a->lr, a->n);
        team_barrier(team);
    }
}
