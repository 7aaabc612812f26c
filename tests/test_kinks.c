/* Units that rounding puts on either side of their kink: what train_step's oracle allows of the gradient. A step whose
 * inputs come in the reverse order sums its first layer in another order, and is as right as the other. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

static int failures;

static void is(const char *what, bool truth)
{
    if (truth) return;
    fprintf(stderr, "not so: %s\n", what);
    failures++;
}

enum { M = 6, K = 3, N = 5, OUT = 4, MOST = 512 };
struct buffers {
    float at[OPERANDS_MAX][MOST];
};

static void pointers(struct buffers *b, void *buf[OPERANDS_MAX])
{
    for (int o = 0; o < OPERANDS_MAX; o++) buf[o] = b->at[o];
}

static void backward(const struct shape *s, struct buffers *b)
{
    void *buf[OPERANDS_MAX];
    pointers(b, buf);
    kernel_spec("train_step")->call(kernel_set(ISA_SCALAR), s, buf, 1);
}

/* Of row 0 and unit 0 the first layer adds 1, 3/4 2^-24 and -1: the first two are 1 in f32, the last two 2^-24 - 1.
 * With `offset` the sum is well above or below 0. */
static void draw(const struct shape *s, struct buffers *b, float offset)
{
    const size_t depth = s->depth;
    const struct kernel_set *set = kernel_set(ISA_SCALAR);
    memset(b, 0, sizeof *b);
    float *src = b->at[TRAIN_STEP_SRC], *param = b->at[TRAIN_STEP_PARAM];
    normal_fill(set, 1, src, M * K, 1.0f, 1, 0);
    normal_fill(set, 1, param, (K + 1) * N + (depth - 2) * (N + 1) * N + (N + 1) * OUT, 0.5f, 1, 1);
    for (size_t p = 0; p < K; p++) src[p] = 1.0f;
    param[0] = 1.0f;
    param[N] = 0x1.8p-25f;
    param[2 * N] = -1.0f;
    param[K * N] = offset;
    for (size_t i = 0; i < M * OUT; i++) b->at[TRAIN_STEP_PROBS][i] = 1.0f / OUT;
    for (size_t i = 0; i < M; i++) b->at[TRAIN_STEP_DLOSS][i] = 1.0f / M;
}

/* The inputs and the rows of their weights, or of these weights' gradient, the other way round. */
static void reverse(struct buffers *b)
{
    for (size_t i = 0; i < M; i++) {
        float *x = b->at[TRAIN_STEP_SRC] + i * K, was = x[0];
        x[0] = x[K - 1];
        x[K - 1] = was;
    }
    for (int o = TRAIN_STEP_PARAM; o <= TRAIN_STEP_GRAD; o++)
        for (size_t j = 0; j < N; j++) {
            float *x = b->at[o] + j, was = x[0];
            x[0] = x[(K - 1) * N];
            x[(K - 1) * N] = was;
        }
}

struct judged {
    double want[OPERANDS_MAX][MOST], slack[OPERANDS_MAX][MOST];
};

static void judge(const struct shape *s, struct buffers *b, struct judged *to)
{
    void *buf[OPERANDS_MAX];
    double *want[OPERANDS_MAX], *slack[OPERANDS_MAX];
    pointers(b, buf);
    for (int o = 0; o < OPERANDS_MAX; o++) {
        want[o] = to->want[o];
        slack[o] = to->slack[o];
    }
    kernel_spec("train_step")->oracle(s, buf, want, slack);
}

/* How many of a gradient's elements lie outside. */
static size_t outside(const struct judged *of, const struct buffers *b, size_t count)
{
    size_t some = 0;
    for (size_t i = 0; i < count; i++)
        some += !(fabs((double)b->at[TRAIN_STEP_GRAD][i] - of->want[TRAIN_STEP_GRAD][i]) <=
                  of->slack[TRAIN_STEP_GRAD][i]);
    return some;
}

static void planted(size_t depth)
{
    static struct buffers one, other;
    static struct judged to;
    const struct shape s = {
        .depth = depth, .m = M, .n = N, .k = K, .vocab = OUT, .flags = TRAIN_STEP_FLAG_BACKWARD};
    const size_t count = (K + 1) * N + (depth - 2) * (N + 1) * N + (N + 1) * OUT;
    draw(&s, &one, 0.0f);
    judge(&s, &one, &to);
    other = one;
    reverse(&other);
    backward(&s, &one);
    backward(&s, &other);
    reverse(&other);
    const float *a = one.at[TRAIN_STEP_GRAD], *b = other.at[TRAIN_STEP_GRAD];
    size_t apart = 0;
    for (size_t i = 0; i < K * N; i++) apart += fabsf(a[i] - b[i]) > 1e-3f;
    is("the two orders are on two sides", apart == K);
    is("one order is right", outside(&to, &one, count) == 0);
    is("and so is the other", outside(&to, &other, count) == 0);
    for (size_t j = 0; j < N; j++)
        is("what is allowed more is of that unit alone",
           (to.slack[TRAIN_STEP_GRAD][j] > 1e-4) == (j == 0));
}

/* A unit that is far enough from its kink has one side: the other's gradient is wrong. */
static void decided(float offset)
{
    static struct buffers one, other;
    static struct judged to;
    const struct shape s = {
        .depth = 2, .m = M, .n = N, .k = K, .vocab = OUT, .flags = TRAIN_STEP_FLAG_BACKWARD};
    draw(&s, &one, offset);
    draw(&s, &other, -offset);
    judge(&s, &one, &to);
    backward(&s, &one);
    backward(&s, &other);
    is("right", outside(&to, &one, (K + 1) * N) == 0);
    is("the other side is wrong", outside(&to, &other, (K + 1) * N) > 0);
}

int main(void)
{
    planted(2);
    planted(3);
    decided(1e-5f);
    decided(-1e-5f);
    return failures ? 2 : 0;
}
