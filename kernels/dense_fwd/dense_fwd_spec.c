#include <math.h>

#include "../base/sums.h"
#include "../kernel.h"
#include "dense_fwd.h"

enum { RELU = DENSE_FWD_FLAG_RELU, PACKED = DENSE_FWD_FLAG_PACKED, NOBIAS = DENSE_FWD_FLAG_NOBIAS };

/* m up to twice the tallest register tile and one more. */
#define EACH_M(X, flags)                                                                           \
    X(1, flags), X(2, flags), X(3, flags), X(4, flags), X(5, flags), X(6, flags), X(7, flags),     \
        X(8, flags), X(9, flags), X(10, flags), X(11, flags), X(12, flags), X(13, flags),          \
        X(14, flags), X(15, flags), X(17, flags), X(20, flags), X(27, flags), X(28, flags),        \
        X(29, flags)
/* Two panels and a tail; no multiple of the loop's four terms. */
#define TILES(rows, bits)                                                                          \
    {                                                                                              \
        .m = rows, .n = 39, .k = 21, .flags = bits                                                 \
    }
/* Nine panels, so that the widest tile is used and a second one follows; rows with gaps. */
#define WIDE(rows, bits)                                                                           \
    {                                                                                              \
        .m = rows, .n = 141, .k = 18, .pad = 3, .flags = bits                                      \
    }

static const struct shape check_shapes[] = {
    {.m = 0, .n = 5, .k = 5},
    {.m = 5, .n = 0, .k = 5},
    {.m = 5, .n = 21, .k = 0},
    {.m = 1, .n = 21, .k = 0, .flags = NOBIAS},
    {.m = 5, .n = 21, .k = 0, .flags = RELU | PACKED},
    {.m = 1, .n = 1, .k = 1},
    {.m = 1, .n = 1, .k = 1, .flags = PACKED},
    {.m = 1, .n = 16, .k = 8, .flags = RELU},
    {.m = 1, .n = 37, .k = 29, .pad = 1},
    EACH_M(TILES, 0),
    EACH_M(TILES, PACKED | RELU),
    EACH_M(WIDE, RELU | NOBIAS),
    EACH_M(WIDE, PACKED),
    /* Blocks of k and of rows, with rows a power of two apart and not. */
    {.m = 3, .n = 70, .k = 600, .flags = PACKED | RELU},
    {.m = 1, .n = 300, .k = 515, .pad = 5, .flags = RELU},
    {.m = 40, .n = 130, .k = 1024, .flags = PACKED},
    {.m = 40, .n = 130, .k = 1024, .flags = RELU},
    {.m = 530, .n = 80, .k = 50, .pad = 2, .flags = PACKED | NOBIAS},
    {.m = 270, .n = 33, .k = 260, .flags = RELU},
    {.m = 64, .n = 64, .k = 64, .scale = 0.1f, .flags = PACKED | RELU},
    {.m = 64, .n = 64, .k = 64, .scale = 10.0f, .flags = PACKED | RELU},
};

#define BATCHES(X, width, flags)                                                                   \
    X(1, width, flags), X(8, width, flags), X(32, width, flags), X(128, width, flags),             \
        X(512, width, flags)
#define SQUARE(batch, width, bits)                                                                 \
    {                                                                                              \
        .m = batch, .n = width, .k = width, .flags = bits                                          \
    }
#define WIDTHS(bits)                                                                               \
    BATCHES(SQUARE, 64, bits), BATCHES(SQUARE, 128, bits), BATCHES(SQUARE, 256, bits),             \
        BATCHES(SQUARE, 512, bits), BATCHES(SQUARE, 1024, bits), BATCHES(SQUARE, 2048, bits),      \
        BATCHES(SQUARE, 4096, bits)
static const struct shape bench_shapes[] = {WIDTHS(RELU | PACKED), WIDTHS(RELU)};

static bool flag(const struct shape *s, unsigned bit)
{
    return s->flags & bit;
}

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t n = s->n, k = s->k, pad = s->pad;
    const size_t packed = flag(s, PACKED) ? dense_pack_floats(k, n, false) : 0;
    const float gain = shape_scale(s) * sqrtf(2.0f / (float)(k ? k : 1));
    op[DENSE_FWD_DST] = (struct operand){"dst", ROLE_OUT, TYPE_F32, s->m, n, n + pad, 0};
    op[DENSE_FWD_SRC] = (struct operand){"src", ROLE_IN, TYPE_F32, s->m, k, k + pad, 0};
    op[DENSE_FWD_W] = (struct operand){"w", ROLE_IN, TYPE_F32, k, n, n + pad, gain};
    op[DENSE_FWD_BIAS] =
        (struct operand){"bias", ROLE_IN, TYPE_F32, flag(s, NOBIAS) ? 0 : 1, n, n, 0};
    op[DENSE_FWD_PACKED] =
        (struct operand){"packed", ROLE_PACKED, TYPE_F32, packed ? 1 : 0, packed, packed, 0};
    return 5;
}

static void prepare(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    const struct dense_pack a = {
        buf[DENSE_FWD_PACKED], buf[DENSE_FWD_W], s->k, s->n, s->n + s->pad, false};
    if (flag(s, PACKED)) set->dense_pack(&a);
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    const bool packed = flag(s, PACKED);
    const struct dense_fwd a = {.dst = buf[DENSE_FWD_DST],
                                .src = buf[DENSE_FWD_SRC],
                                .w = buf[packed ? DENSE_FWD_PACKED : DENSE_FWD_W],
                                .bias = flag(s, NOBIAS) ? NULL : buf[DENSE_FWD_BIAS],
                                .m = s->m,
                                .n = s->n,
                                .k = s->k,
                                .ld_dst = s->n + s->pad,
                                .ld_src = s->k + s->pad,
                                .ld_w = s->n + s->pad,
                                .relu = flag(s, RELU),
                                .packed = packed};
    dense_fwd(set, threads, &a);
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const size_t m = s->m, n = s->n, k = s->k, pad = s->pad;
    double *x = want[DENSE_FWD_DST], *e = slack[DENSE_FWD_DST];
    sums(&(struct sums){.m = m,
                        .n = n,
                        .k = k,
                        .a = {.exact = buf[DENSE_FWD_SRC], .at = {.row = k + pad, .col = 1}},
                        .b = {.exact = buf[DENSE_FWD_W], .at = {.row = n + pad, .col = 1}},
                        .start = flag(s, NOBIAS) ? NULL : buf[DENSE_FWD_BIAS],
                        .start_at = {.col = 1},
                        .x = x,
                        .e = e,
                        .at = {.row = n, .col = 1}});
    for (size_t i = 0; i < m * n && flag(s, RELU); i++) {
        if (!(x[i] < 0.0)) continue;
        if (isinf(x[i])) e[i] = 0.0;
        x[i] = 0.0;
    }
}

static double flops(const struct shape *s)
{
    return 2.0 * (double)s->m * (double)s->n * (double)s->k;
}
static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n, k = (double)s->k;
    return 4.0 * (m * k + k * n + (flag(s, NOBIAS) ? 0.0 : n) + m * n);
}

const struct kernel_spec dense_fwd_spec = {
    .name = "dense_fwd",
    .flag_names = {"relu", "packed", "nobias"},
    .formula = "dst = act(src w + bias)",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILLS_ALL,
    .same_words = true,
    .operands = operands,
    .prepare = prepare,
    .call = call,
    .oracle = oracle,
    .flops = flops,
    .bytes = bytes,
};
