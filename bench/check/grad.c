#include "grad.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool grads_fit(const struct kernel_spec *spec, const struct shape *shape)
{
    enum { FEWEST = 16 };
    static const double MOST = 2e7; /* flops times inputs: some tenths of a second */
    struct operand op[OPERANDS_MAX] = {0};
    const struct grad *grad = spec->grad;
    double inputs = 0.0;
    if (!grad) return false;
    spec->operands(shape, op);
    for (size_t i = 0; i < grad->count; i++) {
        const struct operand *dx = &op[grad->pairs[i].dx];
        if (operand_elements(dx) && !operand_written(dx)) return false; /* work space of a step */
        inputs += (double)operand_elements(dx);
    }
    return operand_elements(&op[grad->ddst]) >= FEWEST && inputs > 0.0 &&
           inputs * spec->flops(shape) <= MOST;
}

/* One problem at work. */
struct work {
    const struct problem *p;
    double *x[OPERANDS_MAX], *dst, *up;
    size_t outputs;
    double steps; /* roundings on the way to an output, at the most */
    uint64_t side;
};

static double value_at(const void *data, enum type type, size_t i)
{
    if (type == TYPE_I32) return (double)((const int32_t *)data)[i];
    return type == TYPE_F32 ? (double)((const float *)data)[i] : ((const double *)data)[i];
}

static void widen(double *to, const void *from, const struct operand *op)
{
    for (size_t r = 0; r < op->rows; r++)
        for (size_t c = 0; c < op->cols; c++) *to++ = value_at(from, op->type, r * op->ld + c);
}

/* sum of ddst (f(x + h) - f(x - h)) / 2 h; *noise grows by what it may have rounded. NaN beside a kink. */
static double difference(struct work *w, double *x, double h, double *noise)
{
    const struct problem *p = w->p;
    const struct grad *grad = p->spec->grad;
    const double x0 = *x, *ddst = w->x[grad->ddst];
    double sum = 0.0, size = 0.0;
    *x = x0 + h;
    const uint64_t above = grad->forward(&p->shape, (const double *const *)w->x, w->up);
    *x = x0 - h;
    const uint64_t below = grad->forward(&p->shape, (const double *const *)w->x, w->dst);
    *x = x0;
    for (size_t k = 0; k < w->outputs; k++) {
        sum += ddst[k] * (w->up[k] - w->dst[k]);
        size += fabs(ddst[k]) * (fabs(w->up[k]) + fabs(w->dst[k]));
    }
    *noise += 0x1p-53 * (w->steps + (double)w->outputs) * size / (2.0 * h);
    return above != w->side || below != w->side ? NAN : sum / (2.0 * h);
}

/* Central differences at h and h / 2 are off by c h^2 and c h^2 / 4 to first order: their extrapolation is allowed
 * what it takes away. */
static void take(struct grads *g, struct work *w, double *x, size_t at)
{
    const double h = 0x1p-10 * fmax(1.0, exp2(ceil(log2(fabs(*x) + 0x1p-10))));
    double noise = 0.0;
    const double wide = difference(w, x, h, &noise), narrow = difference(w, x, h / 2.0, &noise);
    g->want[at] = narrow + (narrow - wide) / 3.0;
    g->allowed[at] = fabs(narrow - wide) / 3.0 + 2.0 * noise;
    if (isnan(wide) || isnan(narrow)) {
        g->want[at] = NAN;
        g->kinks++;
    } else {
        g->elements++;
    }
}

static size_t elements_of(const struct problem *p, size_t pair)
{
    return operand_elements(&p->op[p->spec->grad->pairs[pair].dx]);
}

static void differences(struct grads *g, struct work *w)
{
    const struct grad *grad = w->p->spec->grad;
    size_t at = 0;
    w->side = grad->forward(&w->p->shape, (const double *const *)w->x, w->dst);
    for (size_t i = 0; i < grad->count; i++)
        for (size_t e = 0; e < elements_of(w->p, i); e++, at++)
            take(g, w, &w->x[grad->pairs[i].x][e], at);
}

/* The elements of each operand, of one that is varied at least those of its gradient; returns their sum. */
static size_t sizes_of(const struct problem *p, size_t size[OPERANDS_MAX])
{
    size_t all = 0;
    for (size_t o = 0; o < p->count; o++) size[o] = operand_elements(&p->op[o]);
    for (size_t i = 0; i < p->spec->grad->count; i++) {
        size_t *of = &size[p->spec->grad->pairs[i].x];
        if (*of < elements_of(p, i)) *of = elements_of(p, i);
    }
    for (size_t o = 0; o < p->count; o++) all += size[o];
    return all;
}

/* Contents of an operand that has some before the call, else zeros. */
static void start(double *x, const struct problem *p, size_t o, size_t size)
{
    const struct operand *op = &p->op[o];
    const bool input = op->role != ROLE_OUT && op->role != ROLE_SCRATCH;
    memset(x, 0, size * sizeof *x);
    if (input && operand_elements(op) == size) widen(x, p->master[o], op);
}

static void settle(struct work *w, struct problem *p)
{
    if (!p->spec->grad->settle) return;
    p->spec->grad->settle(&p->shape, p->master, w->x);
    if (p->spec->prepare) p->spec->prepare(kernel_set(ISA_SCALAR), &p->shape, p->master);
    p->spec->oracle(&p->shape, p->master, p->want, p->slack);
}

enum status grads_open(struct grads *g, struct problem *p)
{
    const struct grad *grad = p->spec->grad;
    struct work w = {.p = p, .outputs = operand_elements(&p->op[grad->ddst])};
    size_t size[OPERANDS_MAX], inputs = 0;
    for (size_t i = 0; i < grad->count; i++) inputs += elements_of(p, i);
    const size_t room = sizes_of(p, size) + 2 * inputs + 2 * w.outputs;
    const size_t bytes =
        arena_bytes(room, sizeof(double)) + (OPERANDS_MAX + 4) * (size_t)ARENA_ALIGN;
    *g = (struct grads){.p = p};
    const enum status status = arena_open(&g->arena, bytes, p->name);
    if (status != STATUS_OK) return status;
    g->want = arena_take(&g->arena, inputs, sizeof(double));
    g->allowed = arena_take(&g->arena, inputs, sizeof(double));
    w.dst = arena_take(&g->arena, w.outputs, sizeof(double));
    w.up = arena_take(&g->arena, w.outputs, sizeof(double));
    for (size_t o = 0; o < p->count; o++) {
        w.x[o] = arena_take(&g->arena, size[o], sizeof(double));
        w.steps += (double)p->op[o].cols * (p->shape.depth ? (double)p->shape.depth : 1.0);
        start(w.x[o], p, o, size[o]);
    }
    settle(&w, p);
    differences(g, &w);
    return STATUS_OK;
}

void grads_close(struct grads *g)
{
    arena_close(&g->arena);
}

/* Where an operand's elements begin in a gathered output. */
static const char *gathered(const struct problem *p, const char *out, int operand)
{
    for (int o = 0; o < operand; o++)
        if (operand_written(&p->op[o]))
            out += operand_elements(&p->op[o]) * operand_size(&p->op[o]);
    return out;
}

/* The element before the call, where the kernel adds to it. */
static double added_to(const struct problem *p, int operand, size_t i)
{
    const struct operand *op = &p->op[operand];
    if (op->role != ROLE_INOUT) return 0.0;
    return value_at(p->master[operand], op->type, i / op->cols * op->ld + i % op->cols);
}

static bool mistrusted(const struct grads *g, double size, double allowed, struct finding *f)
{
    static const double SHARE = 0.01; /* of a gradient: what hides in it is no gradient's error */
    f->verdict = VERDICT_MISTRUSTED;
    snprintf(
        f->text, sizeof f->text,
        "differences prove little: %zu compared, %zu left out beside kinks, off by up to %g of %g",
        g->elements, g->kinks, allowed, size);
    return g->elements < g->kinks || !(allowed <= SHARE * size);
}

bool grads_judge(const struct grads *g, const void *out, struct readout *seen,
                 struct finding *finding)
{
    const struct problem *p = g->p;
    double size = 0.0, own = 0.0;
    size_t at = 0;
    for (size_t i = 0; i < p->spec->grad->count; i++) {
        const int dx = p->spec->grad->pairs[i].dx;
        const struct operand *op = &p->op[dx];
        const char *got = gathered(p, out, dx);
        for (size_t e = 0; e < elements_of(p, i); e++, at++) {
            if (isnan(g->want[at])) continue;
            /* Once the kernel's own bound, once for what the forward pass stored, rounded to f32. */
            const double allowed = g->allowed[at] + 2.0 * p->slack[dx][e];
            const double value = value_at(got, op->type, e) - added_to(p, dx, e);
            const double off = fabs(value - g->want[at]);
            size += fabs(g->want[at]);
            own += g->allowed[at];
            if (off / allowed > seen->bound_used) seen->bound_used = off / allowed;
            if (off <= allowed) continue;
            finding->verdict = VERDICT_GRADIENT;
            snprintf(finding->text, sizeof finding->text,
                     "%s[%zu]: got %.9g, the forward pass's difference is %.9g, allowed %.3g, off "
                     "by %.3g",
                     op->name, e, value, g->want[at], allowed, off);
            return false;
        }
    }
    return !mistrusted(g, size, own, finding);
}
