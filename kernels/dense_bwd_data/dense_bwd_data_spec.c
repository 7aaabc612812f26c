#include <math.h>

#include "../base/sums.h"
#include "../kernel.h"
#include "dense_bwd_data.h"

enum { MASK = DENSE_BWD_DATA_FLAG_MASK, PACKED = DENSE_BWD_DATA_FLAG_PACKED };

/* m up to twice the tallest register tile and one more. */
#define EACH_M(X, flags)                                                                           \
    X(1, flags), X(2, flags), X(3, flags), X(4, flags), X(5, flags), X(6, flags), X(7, flags),     \
        X(8, flags), X(9, flags), X(10, flags), X(11, flags), X(12, flags), X(13, flags),          \
        X(14, flags), X(15, flags), X(17, flags), X(20, flags), X(27, flags), X(28, flags),        \
        X(29, flags)
/* Two panels of k and a tail; n is no multiple of a transposed block. */
#define TILES(rows, bits)                                                                          \
    {                                                                                              \
        .m = rows, .n = 21, .k = 39, .flags = bits                                                 \
    }
/* Nine panels, so that the widest tile is used and a second one follows; rows with gaps. */
#define WIDE(rows, bits)                                                                           \
    {                                                                                              \
        .m = rows, .n = 18, .k = 141, .pad = 3, .flags = bits                                      \
    }

static const struct shape check_shapes[] = {
    {.m = 0, .n = 5, .k = 5},
    {.m = 5, .n = 0, .k = 21},
    {.m = 1, .n = 0, .k = 21, .flags = PACKED | MASK},
    {.m = 5, .n = 21, .k = 0},
    {.m = 1, .n = 1, .k = 1},
    {.m = 1, .n = 1, .k = 1, .flags = PACKED},
    {.m = 1, .n = 16, .k = 16, .flags = MASK},
    {.m = 1, .n = 37, .k = 29, .pad = 1},
    EACH_M(TILES, 0),
    EACH_M(TILES, PACKED | MASK),
    EACH_M(WIDE, MASK),
    EACH_M(WIDE, PACKED),
    /* Blocks of n and of rows, with rows a power of two apart and not. */
    {.m = 3, .n = 600, .k = 70, .flags = PACKED | MASK},
    {.m = 1, .n = 515, .k = 300, .pad = 5, .flags = MASK},
    {.m = 40, .n = 1024, .k = 130, .flags = PACKED},
    {.m = 40, .n = 1024, .k = 130, .flags = MASK},
    {.m = 530, .n = 50, .k = 80, .pad = 2, .flags = PACKED | MASK},
    {.m = 270, .n = 260, .k = 33, .flags = MASK},
    {.m = 64, .n = 64, .k = 64, .scale = 0.1f, .flags = PACKED | MASK},
    {.m = 64, .n = 64, .k = 64, .scale = 10.0f, .flags = PACKED | MASK},
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
static const struct shape bench_shapes[] = {WIDTHS(PACKED), WIDTHS(0)};

static bool flag(const struct shape *s, unsigned bit)
{
    return s->flags & bit;
}

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t m = s->m, n = s->n, k = s->k, pad = s->pad;
    const size_t packed = flag(s, PACKED) ? dense_pack_floats(k, n, true) : 0;
    const float gain = shape_scale(s) * sqrtf(2.0f / (float)(k ? k : 1));
    op[DENSE_BWD_DATA_DSRC] = (struct operand){"dsrc", ROLE_OUT, TYPE_F32, m, k, k + pad, 0};
    op[DENSE_BWD_DATA_DDST] = (struct operand){"ddst", ROLE_IN, TYPE_F32, m, n, n + pad, 0};
    op[DENSE_BWD_DATA_W] = (struct operand){"w", ROLE_IN, TYPE_F32, k, n, n + pad, gain};
    op[DENSE_BWD_DATA_ACT] =
        (struct operand){"act", ROLE_IN, TYPE_F32, flag(s, MASK) ? m : 0, k, k + pad, 0};
    op[DENSE_BWD_DATA_PACKED] =
        (struct operand){"packed", ROLE_PACKED, TYPE_F32, packed ? 1 : 0, packed, packed, 0};
    return 5;
}

static void prepare(const struct kernel_set *set, const struct shape *s, void *const buf[])
{
    const struct dense_pack a = {
        buf[DENSE_BWD_DATA_PACKED], buf[DENSE_BWD_DATA_W], s->k, s->n, s->n + s->pad, true};
    if (flag(s, PACKED)) set->dense_pack(&a);
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    const bool packed = flag(s, PACKED);
    const struct dense_bwd_data a = {.dsrc = buf[DENSE_BWD_DATA_DSRC],
                                     .ddst = buf[DENSE_BWD_DATA_DDST],
                                     .w = buf[packed ? DENSE_BWD_DATA_PACKED : DENSE_BWD_DATA_W],
                                     .act = flag(s, MASK) ? buf[DENSE_BWD_DATA_ACT] : NULL,
                                     .m = s->m,
                                     .n = s->n,
                                     .k = s->k,
                                     .ld_dsrc = s->k + s->pad,
                                     .ld_ddst = s->n + s->pad,
                                     .ld_w = s->n + s->pad,
                                     .ld_act = s->k + s->pad,
                                     .packed = packed};
    dense_bwd_data(set, threads, &a);
}

static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const float *act = buf[DENSE_BWD_DATA_ACT];
    const size_t m = s->m, n = s->n, k = s->k, pad = s->pad;
    double *x = want[DENSE_BWD_DATA_DSRC], *e = slack[DENSE_BWD_DATA_DSRC];
    sums(&(struct sums){.m = m,
                        .n = k,
                        .k = n,
                        .a = {.exact = buf[DENSE_BWD_DATA_DDST], .at = {.row = n + pad, .col = 1}},
                        .b = {.exact = buf[DENSE_BWD_DATA_W], .at = {.row = 1, .col = n + pad}},
                        .x = x,
                        .e = e,
                        .at = {.row = k, .col = 1}});
    for (size_t i = 0; i < m && flag(s, MASK); i++)
        for (size_t p = 0; p < k; p++)
            if (act[i * (k + pad) + p] <= 0.0f) x[i * k + p] = e[i * k + p] = 0.0;
}

/* dst = h w with h the input, with a mask the ReLU of what stands for its output. */
static uint64_t forward(const struct shape *s, const double *const x[], double *dst)
{
    const double *src = x[DENSE_BWD_DATA_ACT], *w = x[DENSE_BWD_DATA_W];
    uint64_t sides = 0;
    for (size_t i = 0; i < s->m; i++) {
        double *to = dst + i * s->n;
        for (size_t j = 0; j < s->n; j++) to[j] = 0.0;
        for (size_t p = 0; p < s->k; p++) {
            const double h = src[i * s->k + p];
            const bool off = flag(s, MASK) && h <= 0.0;
            sides = 3 * sides + off;
            for (size_t j = 0; j < s->n && !off; j++) to[j] += h * w[p * s->n + j];
        }
    }
    return sides;
}

static const struct grad_pair pairs[] = {{DENSE_BWD_DATA_ACT, DENSE_BWD_DATA_DSRC}};
static const struct grad grad = {.ddst = DENSE_BWD_DATA_DDST,
                                 .pairs = pairs,
                                 .count = sizeof pairs / sizeof *pairs,
                                 .forward = forward};

static double flops(const struct shape *s)
{
    return 2.0 * (double)s->m * (double)s->n * (double)s->k;
}
static double bytes(const struct shape *s)
{
    const double m = (double)s->m, n = (double)s->n, k = (double)s->k;
    return 4.0 * (m * n + k * n + (flag(s, MASK) ? 2.0 : 1.0) * m * k);
}

const struct kernel_spec dense_bwd_data_spec = {
    .name = "dense_bwd_data",
    .flag_names = {"mask", "packed"},
    .formula = "dsrc = ddst w^T, masked by act",
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
    .grad = &grad,
    .flops = flops,
    .bytes = bytes,
};
