#include "studies/distillation/task.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"

const char *const model_names[MODELS] = {"logistic", "linear",    "mlp",    "plane",
                                         "addition", "attention", "triples"};

enum { FRESH = 1000 }; /* inputs that nobody has seen */

size_t task_inputs(const struct task_plan *p)
{
    const size_t of[MODELS] = {p->d, p->d, p->d, 2, 2 * p->d, 2, 3 * p->d};
    return of[p->model];
}

size_t task_classes(const struct task_plan *p)
{
    return p->model == LOGISTIC ? 2 : task_adds(p) ? p->d : p->c;
}

struct trainee task_net(const struct task_plan *plan, size_t p, size_t width[NET_WIDTHS])
{
    static const size_t layers[MODELS] = {0, 0, 1, 1, 2, 0, 1};
    if (plan->model == ATTENTION)
        return (struct trainee){.pair = {plan->d, p / 4, ATTENTION_HEADS, p}};
    const size_t depth = layers[plan->model];
    width[0] = task_inputs(plan);
    for (size_t l = 1; l <= depth; l++) width[l] = p;
    width[depth + 1] = plan->model == LOGISTIC ? 1 : task_classes(plan);
    return (struct trainee){.mlp = {width, depth + 1, depth > 0}};
}

/* Number `index` of a stream, below n; off from equally likely by n 2^-64. */
static size_t below(const struct task *t, enum stream stream, uint64_t index, size_t n)
{
    uint32_t out[4];
    philox_words(out, index, stream, t->plan.seed);
    const uint64_t word = (uint64_t)out[1] << 32 | out[0];
    return (size_t)((unsigned __int128)word * n >> 64);
}

/* Fisher and Yates; numbers `from` on of the stream. */
static void permute(const struct task *t, uint32_t *x, size_t n, enum stream stream, uint64_t from)
{
    for (size_t i = n; i > 1; i--) {
        const size_t j = below(t, stream, from + i, i);
        const uint32_t other = x[j];
        x[j] = x[i - 1];
        x[i - 1] = other;
    }
}

static uint32_t *indices(size_t n)
{
    uint32_t *x = malloc((n + 1) * sizeof *x);
    if (!x) out_of_memory();
    for (size_t i = 0; i < n; i++) x[i] = (uint32_t)i;
    return x;
}

/* ---- inputs */

static void standardize(float *x, size_t rows, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        double mean = 0.0, square = 0.0;
        for (size_t i = 0; i < rows; i++) mean += (double)x[i * n + j] / (double)rows;
        for (size_t i = 0; i < rows; i++)
            square += ((double)x[i * n + j] - mean) * ((double)x[i * n + j] - mean);
        const double by = square > 0.0 ? sqrt((double)rows / square) : 1.0;
        for (size_t i = 0; i < rows; i++)
            x[i * n + j] = (float)(((double)x[i * n + j] - mean) * by);
    }
}

static double cell_center(size_t i)
{
    return 2.0 * ((double)i + 0.5) / PLANE_SIDE - 1.0;
}

static void plane_inputs(const struct task *t, const struct kernel_set *set)
{
    float *fresh = t->x + 2 * t->n;
    uniform_fill(set, 1,
                 &(struct uniform_fill){.dst = t->x,
                                        .n = 2 * t->n,
                                        .lo = -1.0f,
                                        .hi = 1.0f,
                                        .seed = t->plan.seed,
                                        .stream = STREAM_INPUTS});
    for (size_t i = 0; i < t->fresh; i++) {
        fresh[2 * i] = (float)cell_center(i % PLANE_SIDE);
        fresh[2 * i + 1] = (float)cell_center(i / PLANE_SIDE);
    }
}

static void normal_inputs(const struct task *t, const struct kernel_set *set)
{
    const size_t count = t->n * t->inputs;
    normal_fill(set, 1, t->x, count, 1.0f, t->plan.seed, STREAM_INPUTS);
    normal_fill(set, 1, t->x + count, t->fresh * t->inputs, 1.0f, t->plan.seed, STREAM_FRESH);
    if (t->plan.model == LOGISTIC) standardize(t->x, t->n, t->inputs);
}

/* Pairs or triples of numbers below d, as many features one-hot each, or of a transformer as they are. */
static void whole_inputs(struct task *t)
{
    const bool adds = task_adds(&t->plan), one_hot = t->plan.model != ATTENTION;
    const size_t d = t->plan.d, all = t->n + t->fresh, parts = adds ? 2 : 3;
    uint32_t *pair = adds ? indices(d * d) : NULL;
    if (pair) permute(t, pair, d * d, STREAM_INPUTS, 0);
    memset(t->x, 0, all * t->inputs * sizeof *t->x);
    for (size_t i = 0; i < all; i++) {
        size_t code = pair ? pair[i] : below(t, STREAM_INPUTS, i, d * d * d), sum = 0;
        for (size_t k = 0; k < parts; k++, code /= d) {
            if (one_hot)
                t->x[i * t->inputs + k * d + code % d] = 1.0f;
            else
                t->x[i * t->inputs + k] = (float)(code % d);
            sum += code % d;
        }
        if (pair) t->label[i] = (int32_t)(sum % d);
    }
    free(pair);
}

/* As many of each class, in random order; fresh ones likewise. */
static void random_labels(struct task *t)
{
    uint32_t *order = indices(t->n);
    permute(t, order, t->n, STREAM_LABELS, 0);
    for (size_t i = 0; i < t->n; i++) t->label[order[i]] = (int32_t)(i % t->classes);
    for (size_t i = t->n; i < t->n + t->fresh; i++)
        t->label[i] = (int32_t)below(t, STREAM_LABELS, 2 * i, t->classes);
    free(order);
}

enum status task_open(struct task *t, const struct kernel_set *set, const struct task_plan *plan)
{
    *t = (struct task){
        .plan = *plan, .inputs = task_inputs(plan), .classes = task_classes(plan), .fresh = FRESH};
    const bool adds = task_adds(plan);
    t->n = adds ? plan->n : plan->n / t->classes * t->classes;
    t->outputs = plan->model == LOGISTIC ? 1 : t->classes;
    if (adds) t->fresh = plan->d * plan->d - t->n;
    if (plan->model == PLANE) t->fresh = PLANE_SIDE * PLANE_SIDE;
    const size_t all = t->n + t->fresh;
    t->x = malloc((all * t->inputs + 1) * sizeof *t->x);
    t->label = malloc((all + 1) * sizeof *t->label);
    if (!t->x || !t->label)
        return fail(STATUS_OS, "no memory for %zu inputs of %zu features", all, t->inputs);
    if (!adds) random_labels(t);
    if (adds || plan->model == TRIPLES)
        whole_inputs(t);
    else if (plan->model == PLANE)
        plane_inputs(t, set);
    else
        normal_inputs(t, set);
    return STATUS_OK;
}

void task_close(struct task *t)
{
    free(t->x);
    free(t->label);
}

/* ---- who sees what */

size_t task_split(const struct task *t, double rho, uint32_t *seen, uint32_t *held)
{
    const bool whole = task_adds(&t->plan);
    /* A product such as 0.7 * 10 is meant as 7. */
    const size_t most = (size_t)(rho * (double)(whole ? t->n : t->n / t->classes) + 1e-9);
    size_t *taken = calloc(t->classes + 1, sizeof *taken), count = 0, others = 0;
    if (!taken) out_of_memory();
    for (size_t i = 0; i < t->n; i++) {
        size_t *of = &taken[whole ? 0 : t->label[i]];
        if (*of < most) {
            (*of)++;
            seen[count++] = (uint32_t)i;
        } else {
            held[others++] = (uint32_t)i;
        }
    }
    free(taken);
    return count;
}

void task_shuffle(const struct task *t, const uint32_t *seen, size_t count, uint32_t *with)
{
    uint32_t *of = indices(count), *mixed = indices(count);
    for (size_t c = 0; c < t->classes; c++) {
        size_t some = 0;
        for (size_t i = 0; i < count; i++)
            if (t->label[seen[i]] == (int32_t)c) of[some++] = (uint32_t)i;
        for (size_t i = 0; i < some; i++) mixed[i] = of[i];
        permute(t, mixed, some, STREAM_SHUFFLE, c * t->n);
        for (size_t i = 0; i < some; i++) with[of[i]] = seen[mixed[i]];
    }
    free(of);
    free(mixed);
}
