#include "../base/par.h"
#include "../isa.h"
#include "../simd/gemm.h"
#include "mlp_fwd.h"

mlp_fwd_fn ISA(mlp_fwd);

/* Half of the smallest L2 that these instruction sets come with, and the rows of a block whose two live
 * activations stay in L1 or near it. */
enum { WEIGHTS_IN_CACHE = 1 << 19, BLOCK_ROWS = 48 };

static float *layer_dst(const struct mlp_fwd *a, size_t l)
{
    return a->acts + (a->pingpong ? l % 2 : l) * a->m * a->ld_acts;
}

/* Rows i .. i + rows, columns j .. j + cols of layer l; j is a multiple of VL. */
static void layer(const struct mlp_fwd *a, size_t l, size_t i, size_t rows, size_t j, size_t cols)
{
    const size_t k = l ? a->n : a->k, ld = l ? a->ld_acts : a->ld_src;
    const struct gemm g = {.c = layer_dst(a, l) + i * a->ld_acts + j,
                           .a = (l ? layer_dst(a, l - 1) : a->src) + i * ld,
                           .b = a->w + mlp_fwd_layer(a->k, a->n, l) + j * k,
                           .bias = a->bias ? a->bias + l * a->n + j : NULL,
                           .m = rows,
                           .n = cols,
                           .k = k,
                           .ldc = a->ld_acts,
                           .lda = ld,
                           .ldb = k * VL,
                           .layout = GEMM_PACKED,
                           .relu = !(a->linear_out && l + 1 == a->depth)};
    gemm(&g);
}

/* The whole chain for a range of rows: no other member's rows are read. */
static void rows_through(const struct mlp_fwd *a, struct range r)
{
    const size_t bytes = mlp_fwd_layer(a->k, a->n, a->depth) * sizeof *a->w;
    const size_t rows = r.end - r.begin;
    const size_t blocks = bytes <= WEIGHTS_IN_CACHE ? pieces_of(rows, BLOCK_ROWS) : rows > 0;
    for (size_t b = 0, i = r.begin; b < blocks; b++) {
        const size_t count = piece_size(rows, blocks, b);
        for (size_t l = 0; l < a->depth; l++) layer(a, l, i, count, 0, a->n);
        i += count;
    }
}

void ISA(mlp_fwd)(const struct mlp_fwd *a, const struct team *team)
{
    if (a->m >= mlp_fwd_rows_min(a, team->size)) {
        rows_through(a, team_range(team, a->m, 1));
        return;
    }
    const struct range r = team_range(team, a->n, VL);
    for (size_t l = 0; l < a->depth; l++) {
        if (l) team_barrier(team);
        if (r.begin < r.end) layer(a, l, 0, a->m, r.begin, r.end - r.begin);
    }
}
