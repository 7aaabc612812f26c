/* What a run of a study shows, copied: series, figures, tables. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

char *record_text(struct study_run *run, const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy) run->no_memory = true;
    return copy;
}

/* ---- series and figures */

static bool is_name(const char *name)
{
    return *name && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_")] == '\0';
}

static double *copy_values(struct study_run *run, const double *x, size_t count)
{
    if (!x) return NULL;
    double *copy = calloc(count ? count : 1, sizeof *copy);
    if (!copy)
        run->no_memory = true;
    else if (count)
        memcpy(copy, x, count * sizeof *copy);
    return copy;
}

/* Room for one element more, zeroed; NULL where memory is short. */
static void *grow(struct study_run *run, void **array, size_t count, size_t size)
{
    char *more = realloc(*array, (count + 1) * size);
    if (!more) {
        run->no_memory = true;
        return NULL;
    }
    *array = more;
    return memset(more + count * size, 0, size);
}

const struct series *record_series(const struct study_run *run, const char *name)
{
    for (size_t i = 0; i < run->series_count; i++)
        if (strcmp(run->series[i].name, name) == 0) return &run->series[i];
    return NULL;
}

static void free_series(struct series *s)
{
    free((char *)s->name);
    free((char *)s->x_name);
    free((char *)s->x_unit);
    free((char *)s->y_name);
    free((char *)s->y_unit);
    free((double *)s->x);
    free((double *)s->y);
    free((double *)s->lo);
    free((double *)s->hi);
}

void study_series(struct study_run *run, const struct series *s)
{
    assert(is_name(s->name) && !record_series(run, s->name) && s->x_name && s->y_name);
    assert(s->x && s->y && !s->lo == !s->hi);
    if (run->no_memory || !grow(run, (void **)&run->series, run->series_count, sizeof *s)) return;
    struct series *to = &run->series[run->series_count];
    *to = (struct series){.name = record_text(run, s->name),
                          .x_name = record_text(run, s->x_name),
                          .x_unit = record_text(run, s->x_unit),
                          .y_name = record_text(run, s->y_name),
                          .y_unit = record_text(run, s->y_unit),
                          .x = copy_values(run, s->x, s->count),
                          .y = copy_values(run, s->y, s->count),
                          .lo = copy_values(run, s->lo, s->count),
                          .hi = copy_values(run, s->hi, s->count),
                          .count = s->count};
    if (run->no_memory)
        free_series(to);
    else
        run->series_count++;
}

static struct svg_axis copy_axis(struct study_run *run, struct svg_axis axis)
{
    axis.label = record_text(run, axis.label);
    return axis;
}

static void free_figure(struct recorded_figure *f)
{
    struct figure_curve *curves = (struct figure_curve *)f->lines.curves;
    for (size_t i = 0; curves && i < f->lines.count; i++) {
        free((char *)curves[i].series);
        free((char *)curves[i].label);
    }
    free(curves);
    free(f->name);
    free((char *)f->lines.title);
    free((char *)f->lines.x.label);
    free((char *)f->lines.y.label);
    free((char *)f->heat.title);
    free((char *)f->heat.x.label);
    free((char *)f->heat.y.label);
    free((char *)f->heat.z.label);
    free((double *)f->heat.at_x);
    free((double *)f->heat.at_y);
    free((double *)f->heat.at_z);
}

/* NULL where memory is short. */
static struct recorded_figure *new_figure(struct study_run *run, const char *name)
{
    assert(is_name(name));
    for (size_t i = 0; i < run->figure_count; i++) assert(strcmp(run->figures[i].name, name) != 0);
    if (run->no_memory) return NULL;
    struct recorded_figure *f =
        grow(run, (void **)&run->figures, run->figure_count, sizeof *run->figures);
    if (f) f->name = record_text(run, name);
    return f;
}

static void keep_figure(struct study_run *run, struct recorded_figure *f)
{
    if (run->no_memory)
        free_figure(f);
    else
        run->figure_count++;
}

void study_figure(struct study_run *run, const char *name, const struct figure *figure)
{
    assert(figure->count > 0 && figure->title);
    for (size_t i = 0; i < figure->count; i++)
        assert(run->no_memory || record_series(run, figure->curves[i].series));
    struct recorded_figure *f = new_figure(run, name);
    if (!f) return;
    struct figure_curve *curves = calloc(figure->count, sizeof *curves);
    if (!curves) run->no_memory = true;
    for (size_t i = 0; curves && i < figure->count; i++) {
        curves[i] = figure->curves[i];
        curves[i].series = record_text(run, figure->curves[i].series);
        curves[i].label = record_text(run, figure->curves[i].label);
    }
    f->lines = (struct figure){record_text(run, figure->title), copy_axis(run, figure->x),
                               copy_axis(run, figure->y), curves, figure->count};
    keep_figure(run, f);
}

void study_heat(struct study_run *run, const char *name, const struct svg_heat *heat)
{
    assert(heat->title && heat->x.label && heat->y.label && heat->z.label);
    struct recorded_figure *f = new_figure(run, name);
    if (!f) return;
    f->is_heat = true;
    f->heat = *heat;
    f->heat.title = record_text(run, heat->title);
    f->heat.x = copy_axis(run, heat->x);
    f->heat.y = copy_axis(run, heat->y);
    f->heat.z = copy_axis(run, heat->z);
    f->heat.at_x = copy_values(run, heat->at_x, heat->columns);
    f->heat.at_y = copy_values(run, heat->at_y, heat->rows);
    f->heat.at_z = copy_values(run, heat->at_z, heat->rows * heat->columns);
    keep_figure(run, f);
}

/* ---- tables */

static void free_texts(const char *const *texts, size_t count)
{
    for (size_t i = 0; texts && i < count; i++) free((char *)texts[i]);
    free((char **)texts);
}

static void free_table(struct study_table *t)
{
    free((char *)t->name);
    free((char *)t->title);
    free((char *)t->label);
    free_texts(t->columns, t->column_count);
    free_texts(t->labels, t->rows);
    free((double *)t->cells);
}

static const char *const *copy_texts(struct study_run *run, const char *const *texts, size_t count)
{
    const char **copy = calloc(count ? count : 1, sizeof *copy);
    if (!copy) run->no_memory = true;
    for (size_t i = 0; copy && i < count; i++) copy[i] = record_text(run, texts[i]);
    return copy;
}

void study_table(struct study_run *run, const struct study_table *t)
{
    assert(is_name(t->name) && t->column_count > 0);
    for (size_t i = 0; i < run->table_count; i++) assert(strcmp(run->tables[i].name, t->name) != 0);
    if (run->no_memory || !grow(run, (void **)&run->tables, run->table_count, sizeof *t)) return;
    struct study_table *to = &run->tables[run->table_count];
    *to = (struct study_table){.name = record_text(run, t->name),
                               .title = record_text(run, t->title),
                               .label = record_text(run, t->label),
                               .columns = copy_texts(run, t->columns, t->column_count),
                               .column_count = t->column_count,
                               .labels = copy_texts(run, t->labels, t->rows),
                               .cells = copy_values(run, t->cells, t->rows * t->column_count),
                               .rows = t->rows};
    if (run->no_memory)
        free_table(to);
    else
        run->table_count++;
}

void record_free_shown(struct study_run *run)
{
    for (size_t i = 0; i < run->series_count; i++) free_series(&run->series[i]);
    for (size_t i = 0; i < run->figure_count; i++) free_figure(&run->figures[i]);
    for (size_t i = 0; i < run->table_count; i++) free_table(&run->tables[i]);
    free(run->series);
    free(run->figures);
    free(run->tables);
}
