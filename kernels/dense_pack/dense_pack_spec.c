#include "../kernel.h"
#include "dense_pack.h"

enum { FLAG_TRANSPOSE = 1 };

static const struct shape check_shapes[] = {
    {.n = 0, .k = 3},
    {.n = 3, .k = 0},
    {.n = 1, .k = 1},
    {.n = 16, .k = 16},
    {.n = 17, .k = 5, .pad = 3},
    {.n = 47, .k = 33},
    {.n = 130, .k = 70, .pad = 1},
    {.n = 0, .k = 3, .flags = FLAG_TRANSPOSE},
    {.n = 3, .k = 0, .flags = FLAG_TRANSPOSE},
    {.n = 1, .k = 1, .flags = FLAG_TRANSPOSE},
    {.n = 16, .k = 16, .flags = FLAG_TRANSPOSE},
    {.n = 5, .k = 17, .pad = 3, .flags = FLAG_TRANSPOSE},
    {.n = 33, .k = 47, .flags = FLAG_TRANSPOSE},
    {.n = 70, .k = 130, .pad = 1, .flags = FLAG_TRANSPOSE},
    {.n = 300, .k = 310, .pad = 1, .flags = FLAG_TRANSPOSE},
};
static const struct shape bench_shapes[] = {
    {.n = 64, .k = 64},
    {.n = 256, .k = 256},
    {.n = 1024, .k = 1024},
    {.n = 4096, .k = 4096},
    {.n = 64, .k = 64, .flags = FLAG_TRANSPOSE},
    {.n = 256, .k = 256, .flags = FLAG_TRANSPOSE},
    {.n = 1024, .k = 1024, .flags = FLAG_TRANSPOSE},
    {.n = 4096, .k = 4096, .flags = FLAG_TRANSPOSE},
};

static bool transposed(const struct shape *s)
{
    return s->flags & FLAG_TRANSPOSE;
}

static size_t operands(const struct shape *s, struct operand op[])
{
    const size_t count = dense_pack_floats(s->k, s->n, transposed(s));
    op[DENSE_PACK_DST] = (struct operand){"dst", ROLE_OUT, TYPE_F32, 1, count, count, 0};
    op[DENSE_PACK_W] = (struct operand){"w", ROLE_IN, TYPE_F32, s->k, s->n, s->n + s->pad, 0};
    return 2;
}

static void call(const struct kernel_set *set, const struct shape *s, void *const buf[],
                 int threads)
{
    const struct dense_pack a = {buf[DENSE_PACK_DST], buf[DENSE_PACK_W], s->k, s->n,
                                 s->n + s->pad,       transposed(s)};
    dense_pack(set, threads, &a);
}

/* Written from the side of w, where the kernels are written from the side of dst. */
static void oracle(const struct shape *s, void *const buf[], double *const want[],
                   double *const slack[])
{
    const float *w = buf[DENSE_PACK_W];
    const size_t count = dense_pack_floats(s->k, s->n, transposed(s));
    for (size_t i = 0; i < count; i++) want[DENSE_PACK_DST][i] = slack[DENSE_PACK_DST][i] = 0.0;
    for (size_t p = 0; p < s->k; p++)
        for (size_t q = 0; q < s->n; q++) {
            const size_t wide = transposed(s) ? p : q, deep = transposed(s) ? q : p;
            const size_t length = transposed(s) ? s->n : s->k;
            want[DENSE_PACK_DST][(wide / 16 * length + deep) * 16 + wide % 16] =
                (double)w[p * (s->n + s->pad) + q];
        }
}

static double flops(const struct shape *s)
{
    return 0.0 * (double)s->n;
}
static double bytes(const struct shape *s)
{
    return 4.0 *
           ((double)s->k * (double)s->n + (double)dense_pack_floats(s->k, s->n, transposed(s)));
}

const struct kernel_spec dense_pack_spec = {
    .name = "dense_pack",
    .flag_names = {"transpose"},
    .formula = "dst = panels of w, or of w^T",
    .check_shapes = check_shapes,
    .check_shape_count = sizeof check_shapes / sizeof *check_shapes,
    .bench_shapes = bench_shapes,
    .bench_shape_count = sizeof bench_shapes / sizeof *bench_shapes,
    .fills = FILLS_ALL,
    .same_words = true,
    .operands = operands,
    .call = call,
    .oracle = oracle,
    .flops = flops,
    .bytes = bytes,
};
