/* The network of a run: drawn, or read from its file. Memory is counted in floating point first: no size overflows. */
#include <math.h>
#include <stdlib.h>

#include "angle/angle.h"
#include "kernel.h"

/* What a layer of k inputs and n outputs holds, up to the alignment of its parts. */
static double layer_bytes(double k, double n, double m)
{
    enum { PARTS = 10 };
    const double packed = (n + 15.0) * k + (k + 15.0) * n;
    return 4.0 * (packed + n + 3.0 * m * n + m * m) + sizeof(struct chain_layer) +
           PARTS * ARENA_ALIGN + 2.0 * sizeof(float *) + 4.0 * sizeof(double);
}

/* And what all layers share. */
static double shared_bytes(double inputs, double widest, double outputs, double plain, double m)
{
    return 4.0 * (plain + m * (inputs + 2.0 * outputs + 4.0 * widest) + m * m) + 10.0 * ARENA_ALIGN;
}

/* What needs the memory. */
static const char *need_text(const struct angle_run *run, char text[ANGLE_TEXT + 32])
{
    char network[ANGLE_TEXT];
    snprintf(text, ANGLE_TEXT + 32, "%s, with a batch of %zu,", angle_network_text(run, network),
             run->ask.plan.batch);
    return text;
}

static enum status draw_network(struct angle_run *run)
{
    const struct angle_request *ask = &run->ask;
    const struct network_plan *p = &ask->plan;
    const double k = (double)p->inputs, n = (double)p->width, m = (double)p->batch;
    const double bytes = layer_bytes(k, n, m) + ((double)p->depth - 1.0) * layer_bytes(n, n, m) +
                         shared_bytes(k, fmax(k, n), n, fmax(k, n) * n, m);
    char what[ANGLE_TEXT + 32];
    enum status status = arena_fits(bytes, 0, need_text(run, what));
    if (status == STATUS_OK) status = network_open(&run->net, ask->set, ask->threads, p);
    if (status != STATUS_OK) return status;
    network_draw(&run->net, ask->seed, 0);
    for (size_t l = 1; l <= p->depth; l++) run->row[l - 1].trained = l > 1 || p->train_first;
    return STATUS_OK;
}

/* Cut from the arena where it is open, added up where it is not. */
static void *cut(struct arena *arena, size_t *bytes, size_t count, size_t size)
{
    *bytes += arena_bytes(count, size);
    return arena->base ? arena_take(arena, count, size) : NULL;
}
static float *floats(struct arena *arena, size_t *bytes, size_t count)
{
    return cut(arena, bytes, count, sizeof(float));
}

struct sizes {
    size_t widest, features,
        plain; /* columns of inputs and layers; of all layers; of one layer's weights */
};

static struct sizes sizes_of(const struct mlp_file *f)
{
    struct sizes s = {.widest = f->layer[0].inputs};
    for (size_t l = 0; l < f->depth; l++) {
        const struct mlp_file_layer *y = &f->layer[l];
        if (y->outputs > s.widest) s.widest = y->outputs;
        if (y->inputs * y->outputs > s.plain) s.plain = y->inputs * y->outputs;
        s.features += y->outputs;
    }
    return s;
}

static size_t take(struct network *y, const struct mlp_file *f, const struct sizes *s)
{
    struct arena *a = &y->arena;
    const size_t m = y->plan.batch, all = m * s->features;
    const size_t last = m * f->layer[f->depth - 1].outputs;
    size_t bytes = 0;
    y->layer = cut(a, &bytes, f->depth, sizeof *y->layer);
    y->packed = cut(a, &bytes, f->depth, sizeof *y->packed);
    y->packed_t = cut(a, &bytes, f->depth, sizeof *y->packed_t);
    for (size_t l = 0; l < f->depth; l++) {
        const size_t k = f->layer[l].inputs, n = f->layer[l].outputs;
        float *w = floats(a, &bytes, dense_pack_floats(k, n, false));
        float *wt = floats(a, &bytes, dense_pack_floats(k, n, true));
        float *bias = f->layer[l].bias ? floats(a, &bytes, n) : NULL;
        if (!a->base) continue;
        y->packed[l] = w;
        y->packed_t[l] = wt;
        y->layer[l] = (struct chain_layer){.w = w, .wt = wt, .bias = bias, .k = k, .n = n};
    }
    y->chain = (struct chain){y->layer, m, f->depth, false};
    y->plain = floats(a, &bytes, s->plain);
    y->src = floats(a, &bytes, m * f->layer[0].inputs);
    y->ddst = floats(a, &bytes, last);
    y->sweep =
        (struct angle_sweep){.chain = &y->chain,
                             .acts = floats(a, &bytes, all),
                             .back = floats(a, &bytes, all),
                             .gram = floats(a, &bytes, f->depth * m * m),
                             .dst = floats(a, &bytes, last),
                             .scratch = floats(a, &bytes, 4 * m * s->widest + m * m),
                             .grad2 = cut(a, &bytes, f->depth, sizeof(double)),
                             .table = cut(a, &bytes, f->depth * CHAIN_JVP_FIELDS, sizeof(double)),
                             .src = y->src,
                             .ddst = y->ddst};
    return bytes;
}

static bool finite_all(const struct network *y, const float *x, size_t count)
{
    double of[MOMENTS_FIELDS];
    moments(y->set, y->threads, x, count, of);
    return of[MOMENTS_NONFINITE] == 0.0;
}

/* PyTorch's [outputs, inputs] is the transpose of the chain's k x n: plain and transposed packs change places. */
static enum status load(struct angle_run *run, size_t l)
{
    struct network *y = &run->net;
    const struct mlp_file_layer *from = &run->file.layer[l - 1];
    const size_t k = from->inputs, n = from->outputs;
    enum status status = mlp_file_weight(&run->file, l, y->plain);
    if (status != STATUS_OK) return status;
    dense_pack(y->set, y->threads, &(struct dense_pack){y->packed[l - 1], y->plain, n, k, k, true});
    dense_pack(y->set, y->threads,
               &(struct dense_pack){y->packed_t[l - 1], y->plain, n, k, k, false});
    bool finite = finite_all(y, y->plain, k * n);
    if (from->bias) {
        /* The arena's, which the layer reads. */
        float *bias = (float *)y->layer[l - 1].bias;
        status = mlp_file_bias(&run->file, l, bias);
        if (status != STATUS_OK) return status;
        finite = finite && finite_all(y, bias, n);
    }
    run->row[l - 1].trained = true;
    if (!finite) run->row[l - 1].marks |= MARK_WEIGHTS;
    return STATUS_OK;
}

static enum status read_network(struct angle_run *run)
{
    const struct mlp_file *f = &run->file;
    const struct sizes s = sizes_of(f);
    const double m = (double)run->ask.plan.batch;
    const size_t outputs = f->layer[f->depth - 1].outputs;
    double bytes = shared_bytes((double)f->layer[0].inputs, (double)s.widest, (double)outputs,
                                (double)s.plain, m);
    char what[ANGLE_TEXT + 32];
    struct network *y = &run->net;
    for (size_t l = 0; l < f->depth; l++)
        bytes += layer_bytes((double)f->layer[l].inputs, (double)f->layer[l].outputs, m);
    enum status status = arena_fits(bytes, 0, need_text(run, what));
    if (status != STATUS_OK) return status;
    *y = (struct network){.plan = {.batch = run->ask.plan.batch,
                                   .inputs = f->layer[0].inputs,
                                   .depth = f->depth,
                                   .beta = 1.0,
                                   .train_first = true},
                          .set = run->ask.set,
                          .threads = run->ask.threads};
    status = arena_open(&y->arena, take(y, f, &s), what);
    if (status != STATUS_OK) return status;
    take(y, f, &s);
    for (size_t l = 1; l <= f->depth && status == STATUS_OK; l++) status = load(run, l);
    return status;
}

enum status angle_network(struct angle_run *run)
{
    const enum status status = run->ask.weights ? read_network(run) : draw_network(run);
    for (size_t l = 0; status == STATUS_OK && l < run->depth; l++) {
        const struct chain_layer *y = &run->net.layer[l];
        run->row[l].inputs = y->k;
        run->row[l].outputs = y->n;
        run->parameters += y->k * y->n + (y->bias ? y->n : 0);
    }
    return status;
}
