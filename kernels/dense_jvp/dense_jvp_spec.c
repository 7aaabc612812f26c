#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/sums.h"
#include "../kernel.h"
#include "base/status.h"
#include "dense_jvp.h"

enum {
    MASK = DENSE_JVP_FLAG_MASK,
    PACKED = DENSE_JVP_FLAG_PACKED,
    SKIP = DENSE_JVP_FLAG_SKIP,
    NOBIAS = DENSE_JVP_FLAG_NOBIAS
};

/* m up to twice the tallest register tile and one more. */
#define EACH_M(X, flags)                                                                           \
    X(1, flags), X(2, flags), X(3, flags), X(4, flags), X(5, flags), X(6, flags), X(7, flags),     \
        X(8, flags), X(9, flags), X(10, flags), X(11, flags), X(12, flags), X(13, flags),          \
        X(14, flags), X(15, flags), X(17, flags), X(20, flags), X(27, flags), X(28, flags),        \
        X(29, flags)
/* Two panels and a tail; the rank is the batch. */
#define TILES(rows, bits)                                                                          \
    {                                                                                              \
        .m = rows, .n = 39, .k = 21, .depth = rows, .flags = bits                                  \
    }
/* Nine panels, so that the widest tile is used and a second one follows; rows with gaps. */
#define WIDE(rows, bits)                                                                           \
    {                                                                                              \
        .m = rows, .n = 141, .k = 18, .depth = 7, .pad = 3, .flags = bits                          \
    }

static const struct shape check_shapes[] = {
    {.m = 0, .n = 5, .k = 5, .depth = 2},
    {.m = 5, .n = 0, .k = 5, .depth = 2, .flags = SKIP},
    {.m = 5, .n = 21, .k = 0},
    {.m = 1, .n = 21, .k = 0, .flags = NOBIAS},
    {.m = 1, .n = 21, .k = 0, .flags = MASK},
    {.m = 1, .n = 21, .k = 0, .flags = MASK | SKIP | PACKED},
    {.m = 5, .n = 21, .k = 0, .flags = MASK | SKIP},
    {.m = 5, .n = 21, .k = 0, .depth = 3, .flags = MASK | PACKED},
    {.m = 1, .n = 21, .k = 0, .depth = 3, .flags = MASK | SKIP},
    {.m = 1, .n = 21, .k = 0, .depth = 3, .flags = SKIP | PACKED | NOBIAS},
    {.m = 1, .n = 1, .k = 1, .depth = 1},
    {.m = 1, .n = 1, .k = 1, .depth = 1, .flags = PACKED},
    {.m = 1, .n = 16, .k = 8, .flags = MASK},
    {.m = 1, .n = 37, .k = 29, .pad = 1, .flags = MASK | SKIP},
    /* One row: a rank up to the width of the group that takes it, and past it. */
    {.m = 1, .n = 141, .k = 21, .depth = 1, .flags = MASK | PACKED},
    {.m = 1, .n = 141, .k = 21, .depth = 8, .pad = 3, .flags = MASK | SKIP | PACKED},
    {.m = 1, .n = 141, .k = 21, .depth = 9, .pad = 3, .flags = MASK | PACKED | NOBIAS},
    {.m = 1, .n = 141, .k = 21, .depth = 21, .flags = SKIP | PACKED},
    {.m = 1, .n = 141, .k = 21, .depth = 21, .pad = 3, .flags = MASK | SKIP},
    {.m = 6, .n = 39, .k = 21, .flags = MASK | PACKED},
    {.m = 6, .n = 39, .k = 21, .depth = 1, .flags = MASK | SKIP | PACKED},
    {.m = 6, .n = 39, .k = 21, .depth = 21, .flags = MASK | SKIP | NOBIAS},
    EACH_M(TILES, SKIP),
    EACH_M(TILES, PACKED | MASK),
    EACH_M(WIDE, MASK | SKIP | NOBIAS),
    EACH_M(WIDE, PACKED | SKIP),
    /* Blocks of either product's terms, of rows and of columns; rows a power of two apart and not. */
    {.m = 3, .n = 70, .k = 600, .depth = 3, .flags = PACKED | MASK},
    {.m = 1, .n = 300, .k = 515, .depth = 1, .pad = 5, .flags = MASK},
    {.m = 3, .n = 70, .k = 40, .depth = 600, .flags = PACKED | MASK | SKIP},
    {.m = 40, .n = 130, .k = 1024, .depth = 40, .flags = PACKED},
    {.m = 40, .n = 130, .k = 1024, .depth = 1024, .flags = MASK},
    {.m = 530, .n = 80, .k = 50, .depth = 20, .pad = 2, .flags = PACKED | NOBIAS | SKIP},
    {.m = 270, .n = 33, .k = 260, .depth = 270, .flags = MASK},
    {.m = 2, .n = 2100, .k = 7, .depth = 2, .flags = PACKED | MASK | SKIP},
    {.m = 1, .n = 4200, .k = 3, .depth = 9, .pad = 1, .flags = MASK | SKIP},
    {.m = 64, .n = 64, .k = 64, .depth = 64, .scale = 0.1f, .flags = PACKED | MASK},
    {.m = 64, .n = 64, .k = 64, .depth = 64, .scale = 10.0f, .flags = PACKED | MASK},
};

#define SQUARE(batch, width, bits)                                                                 \
    {                                                                                              \
        .m = batch, .n = width, .k = width, .depth = batch, .flags = bits                          \
    }
#define BATCHES(width, bits)                                                                       \
    SQUARE(1, width, bits), SQUARE(8, width, bits), SQUARE(32, width, bits),                       \
        SQUARE(128, width, bits), SQUARE(512, width, bits)
#define WIDTHS(bits)                                                                               \
    BATCHES(64, bits), BATCHES(256, bits), BATCHES(1024, bits), SQUARE(1, 4096, bits),             \
        SQUARE(32, 4096, bits)
static const struct shape bench_shapes[] = {WIDTHS(PACKED | MASK), WIDTHS(MASK)};

static bool flag(const struct shape *s, unsigned bit)
{
    return s->flags & bit;
}

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t m = s->m, n = s->n, k = s->k, q = s->depth, pad = s->pad;
    const size_t packed = flag(s, PACKED) ? dense_pack_floats(k, n, false) : 0;
    const float gain = shape_scale(s) * sqrtf(2.0f / (float)(k ? k : 1));
    op[DENSE_JVP_DST] = (struct operand){"dst", ROLE_OUT, TYPE_F32, m, n, n + pad, 0};
    op[DENSE_JVP_DSRC] = (struct operand){"dsrc", ROLE_IN, TYPE_F32, m, k, k + pad, 0};
    op[DENSE_JVP_W] = (struct operand){"w", ROLE_IN, TYPE_F32, k, n, n + pad, gain};
    op[DENSE_JVP_U] = (struct operand){"u", ROLE_IN, TYPE_F32, q ? m : 0, q, q + pad, 0};
    op[DENSE_JVP_V] = (struct operand){"v", ROLE_IN, TYPE_F32, q, n, n + pad, 0};
    op[DENSE_JVP_DB] = (struct operand){"db", ROLE_IN, TYPE_F32, flag(s, NOBIAS) ? 0 : 1, n, n, 0};
    op[DENSE_JVP_PREV] =
        (struct operand){"prev", ROLE_IN, TYPE_F32, flag(s, SKIP) ? m : 0, n, n + pad, 0};
    op[DENSE_JVP_ACT] =
        (struct operand){"act", ROLE_IN, TYPE_F32, flag(s, MASK) ? m : 0, n, n + pad, 0};
    op[DENSE_JVP_PACKED] =
        (struct operand){"packed", ROLE_PACKED, TYPE_F32, packed ? 1 : 0, packed, packed, 0};
    return 9;
}

static void prepare(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    const struct dense_pack a = {
        buf[DENSE_JVP_PACKED], buf[DENSE_JVP_W], s->k, s->n, s->n + s->pad, false};
    if (flag(s, PACKED)) set->dense_pack(&a);
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    const size_t ld = s->n + s->pad;
    const bool packed = flag(s, PACKED);
    const struct dense_jvp a = {.dst = buf[DENSE_JVP_DST],
                                .dsrc = buf[DENSE_JVP_DSRC],
                                .w = buf[packed ? DENSE_JVP_PACKED : DENSE_JVP_W],
                                .u = s->depth ? buf[DENSE_JVP_U] : NULL,
                                .v = s->depth ? buf[DENSE_JVP_V] : NULL,
                                .db = flag(s, NOBIAS) ? NULL : buf[DENSE_JVP_DB],
                                .prev = flag(s, SKIP) ? buf[DENSE_JVP_PREV] : NULL,
                                .act = flag(s, MASK) ? buf[DENSE_JVP_ACT] : NULL,
                                .m = s->m,
                                .n = s->n,
                                .k = s->k,
                                .q = s->depth,
                                .ld_dst = ld,
                                .ld_dsrc = s->k + s->pad,
                                .ld_w = ld,
                                .ld_u = s->depth + s->pad,
                                .ld_v = ld,
                                .ld_prev = ld,
                                .ld_act = ld,
                                .skip = flag(s, SKIP) ? DENSE_JVP_SKIP : NAN,
                                .packed = packed};
    dense_jvp(set, threads, &a);
}

/* `from` without gaps, from column `col` on of rows ld apart. */
static void place(float *to, size_t ld, const float *from, size_t rows, size_t cols, size_t pad)
{
    for (size_t r = 0; r < rows && cols; r++)
        memcpy(to + r * ld, from + r * (cols + pad), cols * sizeof *to);
}

/* Both products are one: (dsrc u) times w above v. */
static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const float *act = buf[DENSE_JVP_ACT];
    const size_t m = s->m, n = s->n, k = s->k, q = s->depth, pad = s->pad, terms = k + q;
    double *x = want[DENSE_JVP_DST], *e = slack[DENSE_JVP_DST];
    float *const room = malloc((terms * (m + n) + 1) * sizeof *room);
    if (!room) out_of_memory();
    float *const a = room, *const b = room + m * terms;
    place(a, terms, buf[DENSE_JVP_DSRC], m, k, pad);
    place(b, n, buf[DENSE_JVP_W], k, n, pad);
    if (q) {
        place(a + k, terms, buf[DENSE_JVP_U], m, q, pad);
        place(b + k * n, n, buf[DENSE_JVP_V], q, n, pad);
    }
    sums(&(struct sums){.m = m,
                        .n = n,
                        .k = terms,
                        .a = {.exact = a, .at = {.row = terms, .col = 1}},
                        .b = {.exact = b, .at = {.row = n, .col = 1}},
                        .start = flag(s, NOBIAS) ? NULL : buf[DENSE_JVP_DB],
                        .start_at = {.col = 1},
                        .plus = flag(s, SKIP) ? buf[DENSE_JVP_PREV] : NULL,
                        .plus_at = {.row = n + pad, .col = 1},
                        .factor = DENSE_JVP_SKIP,
                        .x = x,
                        .e = e,
                        .at = {.row = n, .col = 1}});
    free(room);
    for (size_t i = 0; i < m && flag(s, MASK); i++)
        for (size_t j = 0; j < n; j++)
            if (act[i * (n + pad) + j] <= 0.0f) x[i * n + j] = e[i * n + j] = 0.0;
}

static double flops(const struct shape *s)
{
    const double steps = (double)(s->k + s->depth) + (flag(s, SKIP) ? 1.0 : 0.0);
    return 2.0 * (double)s->m * (double)s->n * steps;
}
static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n, terms = (double)(s->k + s->depth);
    const double planes = 1.0 + (flag(s, MASK) ? 1.0 : 0.0) + (flag(s, SKIP) ? 1.0 : 0.0);
    return 4.0 * ((m + n) * terms + (flag(s, NOBIAS) ? 0.0 : n) + planes * m * n);
}

static const struct alias aliases[] = {{DENSE_JVP_DST, DENSE_JVP_PREV}};

const struct kernel_spec dense_jvp_spec = {
    .name = "dense_jvp",
    .flag_names = {"mask", "packed", "skip", "nobias"},
    .formula = "dst = skip prev + db + dsrc w + u v, masked by act",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILLS_ALL,
    .same_words = true,
    .aliases = aliases,
    .alias_count = sizeof aliases / sizeof *aliases,
    .operands = operands,
    .prepare = prepare,
    .call = call,
    .oracle = oracle,
    .flops = flops,
    .bytes = bytes,
};
