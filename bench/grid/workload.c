#include "workload.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Streams of the generator: what is drawn for one purpose never overlaps another's. */
enum { STREAM_PROJECTION = 1, STREAM_OPERAND = 16 };

static size_t extent(const struct operand *op)
{
    return op->rows ? (op->rows - 1) * op->ld + op->cols : 0;
}

size_t workload_find(const struct workload *w, const char *name)
{
    for (size_t o = 0; o < w->ops; o++)
        if (strcmp(w->op[o].name, name) == 0) return o;
    return OPERANDS_MAX;
}

static void draw(const struct workload *w, size_t o, uint64_t seed)
{
    const struct operand *op = &w->op[o];
    if (op->type != TYPE_F32 || (op->role != ROLE_IN && op->role != ROLE_INOUT)) return;
    normal_fill(kernel_set_best(), 1, w->buf[o], extent(op), op->gain != 0.0f ? op->gain : 1.0f,
                seed, STREAM_OPERAND + o);
}

enum status workload_open(struct workload *w, const struct kernel_spec *spec,
                          const struct shape *shape, uint64_t seed)
{
    char name[192];
    size_t bytes = 0;
    *w = (struct workload){.spec = spec, .shape = *shape};
    case_name(spec, shape, name, sizeof name);
    /* In double, before the operands' sizes could wrap around. */
    if (spec->bytes(shape) > 0x1p62)
        return fail(STATUS_OS, "%s needs %.3g bytes, more than can be addressed", name,
                    spec->bytes(shape));
    w->ops = spec->operands(shape, w->op);
    for (size_t o = 0; o < w->ops; o++) {
        const size_t size = w->op[o].type == TYPE_F64 ? sizeof(double) : sizeof(float);
        const size_t more = arena_bytes(extent(&w->op[o]), size);
        bytes = more > SIZE_MAX - bytes ? SIZE_MAX : bytes + more;
    }
    const enum status status = arena_open(&w->arena, bytes, name);
    if (status != STATUS_OK) return status;
    for (size_t o = 0; o < w->ops; o++) {
        w->buf[o] = arena_take(&w->arena, extent(&w->op[o]),
                               w->op[o].type == TYPE_F64 ? sizeof(double) : sizeof(float));
        draw(w, o, seed);
    }
    return STATUS_OK;
}

void workload_close(struct workload *w)
{
    arena_close(&w->arena);
}

static enum status project(struct workload *w, const struct data *data, uint64_t seed)
{
    const size_t src = workload_find(w, "src"), width = w->shape.k, ld = w->op[src].ld;
    float *proj = malloc(data->cols * width * sizeof *proj);
    if (!proj) return fail(STATUS_OS, "no memory for the %zu x %zu input layer", data->cols, width);
    normal_fill(kernel_set_best(), 1, proj, data->cols * width, sqrtf(2.0f / (float)data->cols),
                seed, STREAM_PROJECTION);
    for (size_t i = 0; i < w->shape.m; i++) {
        const float *x = data->x + i % data->rows * data->cols;
        float *to = (float *)w->buf[src] + i * ld;
        memset(to, 0, width * sizeof *to);
        for (size_t p = 0; p < data->cols; p++)
            for (size_t j = 0; j < width; j++) to[j] += x[p] * proj[p * width + j];
    }
    free(proj);
    return STATUS_OK;
}

static void clear_bias(struct workload *w)
{
    const size_t bias = workload_find(w, "bias");
    if (bias != OPERANDS_MAX) memset(w->buf[bias], 0, extent(&w->op[bias]) * sizeof(float));
}

/* acts of the backward chain: mlp_fwd on the same src, w and bias. */
static enum status run_forward(struct workload *w)
{
    const struct kernel_spec *fwd = kernel_spec("mlp_fwd");
    struct workload f;
    struct shape shape = w->shape;
    shape.flags = 0;
    enum status status = workload_open(&f, fwd, &shape, 0);
    if (status != STATUS_OK) return status;
    static const char *const same[] = {"src", "w"};
    for (size_t i = 0; i < 2; i++) {
        const size_t to = workload_find(&f, same[i]), from = workload_find(w, same[i]);
        memcpy(f.buf[to], w->buf[from], extent(&f.op[to]) * sizeof(float));
    }
    clear_bias(&f);
    if (fwd->prepare) fwd->prepare(kernel_set_best(), &shape, f.buf);
    fwd->call(kernel_set_best(), &shape, f.buf, 1);
    const size_t from = workload_find(&f, "acts"), to = workload_find(w, "acts");
    memcpy(w->buf[to], f.buf[from], extent(&w->op[to]) * sizeof(float));
    workload_close(&f);
    return STATUS_OK;
}

enum status workload_set_inputs(struct workload *w, const struct data *data, uint64_t seed)
{
    const size_t acts = workload_find(w, "acts"), weights = workload_find(w, "w");
    const enum status status = project(w, data, seed);
    if (status != STATUS_OK) return status;
    clear_bias(w);
    /* Every layer has n inputs in the timed chains; a backward spec's own scale is its learning rate. */
    normal_fill(kernel_set_best(), 1, w->buf[weights], extent(&w->op[weights]),
                w->shape.scale * sqrtf(2.0f / (float)w->shape.n), seed, STREAM_OPERAND + weights);
    return acts != OPERANDS_MAX && w->op[acts].role == ROLE_IN ? run_forward(w) : STATUS_OK;
}

static double rms(const float *x, size_t n, double field[MOMENTS_FIELDS])
{
    moments(kernel_set_best(), 1, x, n, field);
    return sqrt(field[MOMENTS_VARIANCE] + field[MOMENTS_MEAN] * field[MOMENTS_MEAN]);
}

static double dead_share(const float *h, size_t m, size_t n, size_t ld)
{
    size_t dead = 0;
    for (size_t j = 0; j < n; j++) {
        size_t i = 0;
        while (i < m && h[i * ld + j] == 0.0f) i++;
        dead += i == m;
    }
    return (double)dead / (double)n;
}

/* Rows lie without gaps: the timed chains have no padding. */
void workload_signal(const struct workload *w, struct signal *s)
{
    const size_t m = w->shape.m, n = w->shape.n, depth = w->shape.depth;
    const size_t acts = workload_find(w, "acts"), src = workload_find(w, "src");
    const float *h = w->buf[acts];
    double field[MOMENTS_FIELDS];
    const double first = rms(w->buf[src], m * w->shape.k, field);
    double last = first;
    *s = (struct signal){0};
    for (size_t l = 0; l < depth; l++, h += m * n) {
        last = rms(h, m * n, field);
        s->zero += field[MOMENTS_ZERO] / (double)depth;
        s->subnormal += field[MOMENTS_SUBNORMAL] / (double)depth;
        s->overflow += field[MOMENTS_NONFINITE] / (double)depth;
        s->dead += dead_share(h, m, n, n) / (double)depth;
    }
    s->gain = s->overflow > 0.0 ? NAN : pow(last / first, 1.0 / (double)depth);
}
