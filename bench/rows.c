#include "rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/problem.h"
#include "forks.h"
#include "plugin/lane.h"

/* scalar and omp lanes are slow: of the chains they run the small ones at He's scale. */
static unsigned lanes_at(const struct arguments *a, const struct shape *s)
{
    const bool few = s->depth <= 8 && s->n <= 256 && s->scale == 1.0f;
    return a->options.isas & (few ? ~(1u << ISA_MODEL) : (unsigned)ROWS_VECTOR);
}

/* The filter is on the case, whether hot or cold. */
static void add_row(struct rows *rows, const struct arguments *a, const struct kernel_spec *spec,
                    struct shape shape, int threads)
{
    struct row *row = &rows->at[rows->count];
    case_name(spec, &shape, row->name, sizeof row->name);
    if (!options_match(&a->options, row->name)) return;
    if (a->plugin && plugin_refusal(spec, &shape)) return;
    row->threads = threads;
    row->chain = a->kernel == NULL;
    row->flush = a->ftz;
    row->work.sweep = a->sweep;
    row->isas = row->chain ? lanes_at(a, &shape) : a->options.isas & ROWS_VECTOR;
    if (a->plugin) row->isas |= 1u << ISA_PLUGIN;
    row->work.own = a->plugin && plugin_own_layout();
    row->work.spec = spec;
    row->work.shape = shape;
    row->work.copies = 1;
    row->flops = spec->flops(&shape);
    row->bytes = spec->bytes(&shape);
    row->best_twin = TASKS_MAX;
    rows->count++;
}

/* The rows from `first` on differ in their scale alone: the one nearest to He's tries every form of
 * oneDNN, the others take its fastest. */
static void join_scales(struct rows *rows, size_t first)
{
    size_t nearest = first;
    for (size_t i = first; i < rows->count; i++) {
        const float mine = rows->at[i].work.shape.scale, best = rows->at[nearest].work.shape.scale;
        if (fabsf(logf(mine)) < fabsf(logf(best))) nearest = i;
    }
    for (size_t i = first; i < rows->count; i++)
        if (i != nearest) rows->at[i].like = &rows->at[nearest];
}

/* Threads next to each other, and of each the scales. */
static void add_group(struct rows *rows, const struct arguments *a, const struct kernel_spec *spec,
                      struct shape shape)
{
    const struct scale_list *scale = a->kernel ? &a->given.scale : &a->grid.scale;
    for (size_t t = 0; t < a->options.thread_count; t++) {
        const size_t first = rows->count;
        for (size_t s = 0; s < scale->count; s++) {
            shape.scale = scale->at[s];
            add_row(rows, a, spec, shape, a->options.threads[t]);
        }
        if (scale->count == 0)
            add_row(rows, a, spec, shape, a->options.threads[t]);
        else
            join_scales(rows, first);
    }
}

static void add_chains(struct rows *rows, const struct arguments *a)
{
    static const char *const chain[] = {"mlp_fwd", "mlp_bwd"};
    const struct grid *g = &a->grid;
    for (size_t d = 0; d < g->depth.count; d++)
        for (size_t w = 0; w < g->width.count; w++)
            for (size_t b = 0; b < g->batch.count; b++)
                for (size_t c = 0; c < 2; c++) {
                    const size_t n = g->width.at[w];
                    const struct shape shape = {
                        .m = g->batch.at[b], .n = n, .k = n, .depth = g->depth.at[d]};
                    add_group(rows, a, kernel_spec(chain[c]), shape);
                }
}

/* ---- a kernel's own shapes, with the lists of the command line in their place */

static bool is_new(const struct size_list *list, size_t value)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->at[i] == value) return false;
    return list->count < GRID_LIST_MAX;
}

struct axes {
    struct size_list depth, heads, width, batch, flags;
};

/* What the shapes that the kernel is timed at have in each direction. */
static struct axes axes_of(const struct kernel_spec *spec)
{
    struct axes x = {0};
    for (size_t i = 0; i < spec->bench_shape_count; i++) {
        const struct shape *s = &spec->bench_shapes[i];
        if (is_new(&x.depth, s->depth)) x.depth.at[x.depth.count++] = s->depth;
        if (is_new(&x.heads, s->heads)) x.heads.at[x.heads.count++] = s->heads;
        if (is_new(&x.width, s->n)) x.width.at[x.width.count++] = s->n;
        if (is_new(&x.batch, s->m)) x.batch.at[x.batch.count++] = s->m;
        if (is_new(&x.flags, s->flags)) x.flags.at[x.flags.count++] = s->flags;
    }
    return x;
}

static enum status replace(struct size_list *axis, const struct size_list *given,
                           const char *option, const char *kernel, const char *what)
{
    if (given->count == 0) return STATUS_OK;
    if (axis->count == 1 && axis->at[0] == 0)
        return fail(STATUS_USAGE, "%s: %s has no %s", option, kernel, what);
    *axis = *given;
    return STATUS_OK;
}

static bool lists_given(const struct arguments *a)
{
    const struct grid *g = &a->given;
    return g->depth.count || a->heads.count || g->width.count || g->batch.count || g->scale.count;
}

static enum status kernel_axes(const struct arguments *a, const struct kernel_spec *spec,
                               struct axes *x)
{
    const char *name = spec->name;
    *x = axes_of(spec);
    enum status status = replace(&x->depth, &a->given.depth, "--depth", name, "depth");
    if (status == STATUS_OK) status = replace(&x->heads, &a->heads, "--heads", name, "heads");
    if (status == STATUS_OK) status = replace(&x->batch, &a->given.batch, "--batch", name, "batch");
    if (status == STATUS_OK) status = replace(&x->width, &a->given.width, "--width", name, "width");
    return status;
}

static enum status outside(const struct kernel_spec *spec, const struct shape *s)
{
    char name[160];
    case_name(spec, s, name, sizeof name);
    return fail(STATUS_USAGE, "%s: outside of the kernel's contract", name);
}

static enum status add_kernel(struct rows *rows, const struct arguments *a,
                              const struct kernel_spec *spec, const struct axes *x)
{
    for (size_t i = 0; i < spec->bench_shape_count && !lists_given(a); i++)
        add_group(rows, a, spec, spec->bench_shapes[i]);
    if (!lists_given(a)) return STATUS_OK;
    struct shape shape = spec->bench_shapes[0];
    for (size_t f = 0; f < x->flags.count; f++)
        for (size_t d = 0; d < x->depth.count; d++)
            for (size_t h = 0; h < x->heads.count; h++)
                for (size_t w = 0; w < x->width.count; w++)
                    for (size_t b = 0; b < x->batch.count; b++) {
                        shape.flags = (unsigned)x->flags.at[f];
                        shape.depth = x->depth.at[d];
                        shape.heads = x->heads.at[h];
                        shape.n = x->width.at[w];
                        if (shape.k && !shape.heads) shape.k = shape.n;
                        shape.m = x->batch.at[b];
                        if (!cases_legal(spec, &shape)) return outside(spec, &shape);
                        add_group(rows, a, spec, shape);
                    }
    return STATUS_OK;
}

static size_t most(const struct size_list *list)
{
    return list->count ? list->count : 1;
}

static void cool(struct row *row, const struct roofs *roofs)
{
    const struct workload *w = &row->work;
    const size_t used = strlen(row->name);
    snprintf(row->name + used, sizeof row->name - used, "/cold");
    if (roofs)
        row->work.copies =
            workload_copies_beyond(roofs_cached(roofs, row->threads), w->spec, &w->shape);
}

/* Rows that do not fit into memory are noted and will be left out; where none does, that is the answer. */
static enum status find_room(struct rows *rows)
{
    size_t fit = rows->count == 0;
    for (size_t i = 0; i < rows->count; i++) {
        struct row *row = &rows->at[i];
        const enum status status = rows_fit(row, 0);
        row->out = status != STATUS_OK;
        fit += !row->out;
        if (row->out) snprintf(row->note, sizeof row->note, "left out: %.140s", status_text());
    }
    return fit ? STATUS_OK : STATUS_OS;
}

/* The rows of these axes at the most. */
static size_t room_of(const struct arguments *a, const struct axes *x, size_t shapes)
{
    const size_t scales = a->kernel ? a->given.scale.count : a->grid.scale.count;
    const size_t room = most(&x->depth) * most(&x->heads) * most(&x->width) * most(&x->batch) *
                        most(&x->flags) * (scales ? scales : 1);
    return (shapes > room ? shapes : room) * a->options.thread_count;
}

static bool is_timed(const struct arguments *a, const struct kernel_spec *spec)
{
    return a->all_rooms ? plugin_has(spec) : spec == a->kernel;
}

static enum status count_room(const struct arguments *a, size_t *room)
{
    struct axes x = {
        .depth = a->grid.depth, .width = a->grid.width, .batch = a->grid.batch, .flags.count = 2};
    *room = a->kernel ? 0 : room_of(a, &x, 0);
    for (size_t i = 0; i < kernel_count; i++) {
        if (!is_timed(a, kernel_specs[i])) continue;
        const enum status status = kernel_axes(a, kernel_specs[i], &x);
        if (status != STATUS_OK) return status;
        *room += room_of(a, &x, kernel_specs[i]->bench_shape_count);
    }
    return STATUS_OK;
}

static enum status add_kernels(struct rows *rows, const struct arguments *a)
{
    struct axes x;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < kernel_count && status == STATUS_OK; i++)
        if (is_timed(a, kernel_specs[i]) && kernel_axes(a, kernel_specs[i], &x) == STATUS_OK)
            status = add_kernel(rows, a, kernel_specs[i], &x);
    return status;
}

static enum status no_rows(const struct arguments *a)
{
    if (!a->plugin) return fail(STATUS_USAGE, "--filter %s matches no case", a->options.filter);
    return fail(STATUS_USAGE, "--plugin %s takes no case that is timed%s%s", a->plugin,
                a->options.filter ? " and matches --filter " : "",
                a->options.filter ? a->options.filter : "");
}

enum status rows_make(struct rows *rows, const struct arguments *a, const struct roofs *roofs)
{
    size_t room;
    *rows = (struct rows){0};
    enum status status = count_room(a, &room);
    if (status != STATUS_OK) return status;
    rows->at = calloc(room, sizeof *rows->at);
    rows->cost = calloc(room, sizeof *rows->cost);
    if (!rows->at || !rows->cost) return fail(STATUS_OS, "no memory for %zu rows", room);
    if (a->kernel)
        status = add_kernels(rows, a);
    else
        add_chains(rows, a);
    if (status != STATUS_OK) return status;
    for (size_t i = 0; a->cold && i < rows->count; i++) cool(&rows->at[i], roofs);
    if (!rows->count) return no_rows(a);
    for (size_t i = 0; i < rows->count; i++) rows->at[i].number = i;
    rows->total = rows->count;
    const enum status shared = a->share.count ? rows_share(rows, &a->share) : STATUS_OK;
    return shared == STATUS_OK && roofs ? find_room(rows) : shared;
}

struct row *rows_find(const struct rows *rows, const char *name, long long threads)
{
    for (size_t i = 0; name && i < rows->count; i++)
        if (rows->at[i].threads == threads && strcmp(rows->at[i].name, name) == 0)
            return &rows->at[i];
    return NULL;
}

void rows_free(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) forks_free(&rows->at[i]);
    free(rows->at);
    free(rows->cost);
    *rows = (struct rows){0};
}

/* ---- memory */

double rows_bytes(const struct row *row)
{
    const struct workload *w = &row->work;
    return 2.0 * (double)w->copies * workload_bytes(w->spec, &w->shape) +
           verify_bytes(w->spec, &w->shape);
}

enum status rows_fit(const struct row *row, size_t held)
{
    char what[256];
    snprintf(what, sizeof what, "%s", row->name);
    if (row->work.copies > 1)
        snprintf(what, sizeof what, "%s in %zu copies", row->name, row->work.copies);
    return arena_fits(rows_bytes(row), held, what);
}
