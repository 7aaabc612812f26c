#include "workload.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "base/rng.h"
#include "grid/placement.h"
#include "measure/traffic.h"

/* Streams of the generator: what is drawn for one purpose never overlaps another's. */
enum { STREAM_PROJECTION = 1, STREAM_OPERAND = 16 };

size_t workload_find(const struct workload *w, const char *name)
{
    for (size_t o = 0; o < w->ops; o++)
        if (strcmp(w->op[o].name, name) == 0) return o;
    return OPERANDS_MAX;
}

static void draw_whole(int32_t *to, const struct operand *op, uint64_t seed, size_t o)
{
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    const uint32_t below = op->gain < 1.0f ? 1 : (uint32_t)op->gain; /* a gain of 0 is none */
    for (size_t i = 0; i < op->cols; i++) {
        const uint32_t counter[4] = {(uint32_t)i, 0, STREAM_OPERAND + (uint32_t)o, 0};
        uint32_t word[4];
        philox4x32_10(counter, key, word);
        to[i] = (int32_t)(word[0] % below);
    }
}

static void draw(const struct workload *w, size_t o, uint64_t seed)
{
    const struct operand *op = &w->op[o];
    if (op->type == TYPE_I32) draw_whole(w->buf[o], op, seed, o);
    if (op->type != TYPE_F32 || (op->role != ROLE_IN && op->role != ROLE_INOUT)) return;
    float *to = w->buf[o];
    const size_t n = operand_extent(op) / sizeof *to;
    normal_fill(kernel_set_best(), par_max_threads(), to, n, op->gain != 0.0f ? op->gain : 1.0f,
                seed, STREAM_OPERAND + o);
    for (size_t i = 0; i < n && op->gain < 0.0f; i++) to[i] = fabsf(to[i]);
}

double workload_bytes(const struct kernel_spec *spec, const struct shape *shape)
{
    struct operand op[OPERANDS_MAX];
    const size_t count = spec->operands(shape, op);
    double bytes = 0.0;
    /* In doubles, before sizes wrap around. */
    if (spec->bytes(shape) > 0x1p62) return spec->bytes(shape);
    for (size_t o = 0; o < count; o++) bytes += (double)operand_extent(&op[o]);
    return bytes;
}

size_t workload_copies_beyond(size_t cached, const struct kernel_spec *spec,
                              const struct shape *shape)
{
    const double BEYOND = 2.0, LINE = 64.0; /* no cache forgets in the very order of use */
    const double moved = fmax(traffic_of(spec, shape).held, LINE);
    return 1 + (size_t)ceil(BEYOND * (double)cached / moved);
}

/* Behind any placement there is as much of a page left as before it. */
static size_t slot_bytes(const struct operand *op)
{
    const size_t page = PLACEMENT_PAGE, extent = operand_extent(op);
    return extent > SIZE_MAX - 3 * page ? SIZE_MAX : (extent + 2 * page - 1) / page * page;
}

/* What one operand takes of the memory. */
static size_t held_bytes(const struct workload *w, size_t o)
{
    return w->sweep ? slot_bytes(&w->op[o]) : operand_extent(&w->op[o]);
}

static bool is_own(const struct workload *w, size_t o)
{
    return w->own && w->op[o].role == ROLE_PACKED;
}

enum status workload_open(struct workload *w, struct arena *memory)
{
    char name[192];
    case_name(w->spec, &w->shape, name, sizeof name);
    if (w->copies == 0) w->copies = 1;
    w->ops = w->spec->operands(&w->shape, w->op);
    w->stride = 0;
    for (size_t o = 0; o < w->ops; o++)
        w->stride += (is_own(w, o) ? 2 : 1) * arena_bytes(held_bytes(w, o), 1);
    const enum status status = arena_renew(memory, arena_bytes(w->copies, w->stride), name);
    if (status != STATUS_OK) return status;
    for (size_t o = 0; o < w->ops; o++)
        w->buf[o] = w->slot[o] = arena_take(memory, held_bytes(w, o), 1);
    for (size_t o = 0; o < w->ops; o++)
        if (is_own(w, o)) w->packed[o] = arena_take(memory, held_bytes(w, o), 1);
    return STATUS_OK;
}

void workload_prepare(const struct workload *w)
{
    if (!w->spec->prepare) return;
    w->spec->prepare(kernel_set_best(), &w->shape, w->buf);
    if (!w->own) return;
    void *own[OPERANDS_MAX];
    workload_copy_own(w, 0, own);
    w->spec->prepare(kernel_set(ISA_PLUGIN), &w->shape, own);
}

void workload_place(struct workload *w, size_t placement)
{
    for (size_t o = 0; o < w->ops; o++) {
        char *to = w->slot[o] + placement_offset(placement, o, &w->op[o]);
        memmove(to, w->buf[o], operand_extent(&w->op[o]));
        w->buf[o] = to;
    }
}

/* The operands of a copy lie side by side, without a gap before the next copy. */
void workload_fill_copies(const struct workload *w)
{
    char *first = w->buf[0];
    for (size_t c = 1; c < w->copies; c++) memcpy(first + c * w->stride, first, w->stride);
}

void workload_copy(const struct workload *w, size_t copy, void *buf[OPERANDS_MAX])
{
    for (size_t o = 0; o < w->ops; o++) buf[o] = (char *)w->buf[o] + copy * w->stride;
}

void workload_copy_own(const struct workload *w, size_t copy, void *buf[OPERANDS_MAX])
{
    for (size_t o = 0; o < w->ops; o++)
        buf[o] = (char *)(is_own(w, o) ? w->packed[o] : w->buf[o]) + copy * w->stride;
}

void workload_draw(struct workload *w, uint64_t seed)
{
    for (size_t o = 0; o < w->ops; o++) draw(w, o, seed);
    if (w->spec->adjust) w->spec->adjust(&w->shape, w->buf);
}

static enum status project(struct workload *w, const struct data *data, uint64_t seed)
{
    const size_t src = workload_find(w, "src"), width = w->shape.k, ld = w->op[src].ld;
    float *proj = malloc(data->cols * width * sizeof *proj);
    if (!proj) return fail(STATUS_OS, "no memory for the %zu x %zu input layer", data->cols, width);
    normal_fill(kernel_set_best(), par_max_threads(), proj, data->cols * width,
                sqrtf(2.0f / (float)data->cols), seed, STREAM_PROJECTION);
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
    if (bias != OPERANDS_MAX) memset(w->buf[bias], 0, operand_extent(&w->op[bias]));
}

/* acts of the backward chain: what mlp_fwd makes of its src and weights, which both lay out alike. */
static enum status run_forward(struct workload *w)
{
    const struct kernel_spec *fwd = kernel_spec("mlp_fwd");
    struct operand op[OPERANDS_MAX];
    void *buf[OPERANDS_MAX] = {0};
    const size_t ops = fwd->operands(&w->shape, op);
    float *bias = calloc(w->shape.depth * w->shape.n, sizeof *bias);
    if (!bias) return fail(STATUS_OS, "no memory for %zu biases", w->shape.depth * w->shape.n);
    for (size_t o = 0; o < ops; o++) {
        const size_t mine = workload_find(w, op[o].name);
        buf[o] = strcmp(op[o].name, "bias") == 0 ? bias : w->buf[mine];
    }
    if (fwd->prepare) fwd->prepare(kernel_set_best(), &w->shape, buf);
    fwd->call(kernel_set_best(), &w->shape, buf, par_max_threads());
    free(bias);
    return STATUS_OK;
}

enum status workload_set_inputs(struct workload *w, const struct data *data, uint64_t seed)
{
    const size_t acts = workload_find(w, "acts"), weights = workload_find(w, "w");
    const size_t ddst = workload_find(w, "ddst");
    const enum status status = project(w, data, seed);
    if (status != STATUS_OK) return status;
    clear_bias(w);
    if (ddst != OPERANDS_MAX) draw(w, ddst, seed);
    /* Every layer has n inputs in the timed chains; a backward spec's own scale is its learning rate. */
    normal_fill(kernel_set_best(), par_max_threads(), w->buf[weights],
                operand_extent(&w->op[weights]) / sizeof(float),
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
