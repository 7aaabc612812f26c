/* Faults of the sparse layer: the room's own spec, a lane whose call drops a part or sums in another order. */
#include <stdlib.h>

#include "base/status.h"
#include "faulty.h"

static const struct shape sparse_shapes[] = {
    {.m = 19, .n = 37, .k = 12, .nnz = 4, .pad = 3, .flags = SPARSE_RELU_FWD_FLAG_RELU},
    {.m = 70, .n = 20, .k = 33, .nnz = 6}};

static const struct kernel_set *sound(void)
{
    return kernel_set(ISA_MODEL);
}

static void lost_bias(const struct sparse_relu_fwd *a)
{
    struct sparse_relu_fwd other = *a;
    other.bias = NULL;
    sound()->sparse_relu_fwd(&other);
}

static void lost_relu(const struct sparse_relu_fwd *a)
{
    struct sparse_relu_fwd other = *a;
    other.relu = false;
    sound()->sparse_relu_fwd(&other);
}

/* The weights of each row, the first of them left out or all in reverse. */
static void rearranged(const struct sparse_relu_fwd *a, bool reverse)
{
    const size_t count = a->n ? (size_t)a->start[a->n] : 0;
    struct sparse_relu_fwd other = *a;
    int32_t *start = malloc((a->n + 1) * sizeof *start), *col = malloc((count + 1) * sizeof *col);
    float *value = malloc((count + 1) * sizeof *value);
    if (!start || !col || !value) out_of_memory();
    int32_t to = start[0] = 0;
    for (size_t i = 0; i < a->n; i++) {
        const int32_t begin = a->start[i], end = a->start[i + 1];
        for (int32_t p = begin + !reverse; p < end; p++, to++) {
            const int32_t from = reverse ? begin + end - 1 - p : p;
            col[to] = a->col[from];
            value[to] = a->value[from];
        }
        start[i + 1] = to;
    }
    other.start = start;
    other.col = col;
    other.value = value;
    sound()->sparse_relu_fwd(&other);
    free(start);
    free(col);
    free(value);
}

static void lost_weight(const struct sparse_relu_fwd *a)
{
    rearranged(a, false);
}

static void reversed(const struct sparse_relu_fwd *a)
{
    rearranged(a, true);
}

/* Row i has the weights of row i + 1. */
static void shifted(const struct sparse_relu_fwd *a)
{
    struct sparse_relu_fwd other = *a;
    sound()->sparse_relu_fwd(a);
    if (a->n < 2) return;
    other.n--;
    other.start++;
    sound()->sparse_relu_fwd(&other);
}

WITH(sparse_sound, "sparse_relu_fwd", sparse_relu_fwd, lane.sparse_relu_fwd)
WITH(sparse_bias, "sparse_relu_fwd", sparse_relu_fwd, lost_bias)
WITH(sparse_relu, "sparse_relu_fwd", sparse_relu_fwd, lost_relu)
WITH(sparse_weight, "sparse_relu_fwd", sparse_relu_fwd, lost_weight)
WITH(sparse_shifted, "sparse_relu_fwd", sparse_relu_fwd, shifted)
WITH(sparse_reversed, "sparse_relu_fwd", sparse_relu_fwd, reversed)

void faults_sparse(struct faults *faults)
{
    static const struct planted planted[] = {
        {"sound sparse layer", sparse_sound, VERDICT_PASS, NULL, FAULT_OWN},
        {"sparse layer without bias", sparse_bias, VERDICT_VALUE, NULL, FAULT_LOST},
        {"sparse layer without ReLU", sparse_relu, VERDICT_VALUE, NULL, FAULT_MASK},
        {"sparse layer short of a weight", sparse_weight, VERDICT_VALUE, NULL, FAULT_STEP},
        {"sparse layer, a row too far", sparse_shifted, VERDICT_VALUE, NULL, FAULT_LANES},
        {"sparse layer, weights in reverse", sparse_reversed, VERDICT_WORDS, NULL, FAULT_ORDER}};
    struct kernel_spec spec = *kernel_spec("sparse_relu_fwd");
    spec.name = "planted_sparse";
    spec.check_shapes = sparse_shapes;
    spec.check_shape_count = sizeof sparse_shapes / sizeof *sparse_shapes;
    faults_plant(faults, "sparse_relu_fwd", &spec, planted, sizeof planted / sizeof *planted);
}
