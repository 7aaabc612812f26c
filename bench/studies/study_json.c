/* A record as JSON: results/studies/schema.json. */
#include <jansson.h>
#include <string.h>

#include "record.h"
#include "report/context.h"
#include "report/json_file.h"

/* Goes up when a field changes its meaning or goes away. */
enum { STUDY_SCHEMA_VERSION = 1 };

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *values_json(const double *x, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; x && i < count; i++) json_array_append_new(list, json_number(x[i]));
    return list;
}

static json_t *bounds_json(double lo, double hi)
{
    return json_pack("{s:o, s:o}", "lo", json_number(lo), "hi", json_number(hi));
}

static json_t *claims_json(const struct study_run *run)
{
    json_t *list = json_array();
    for (size_t i = 0; i < run->study->claim_count; i++) {
        const struct claim *claim = &run->study->claims[i];
        const struct recorded_claim *c = &run->claims[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:I, s:s, s:o}", "id", claim->id,
                            "claim", claim->text, "source", claim->source, "expected",
                            bounds_json(c->expected.lo, c->expected.hi), "measured",
                            json_number(c->measured.at), "interval",
                            bounds_json(c->measured.lo, c->measured.hi), "samples",
                            (json_int_t)c->samples, "verdict", claim_verdict_name(c->verdict),
                            "note", text_or_null(c->note)));
    }
    return list;
}

static json_t *series_json(const struct study_run *run)
{
    json_t *list = json_array();
    for (size_t i = 0; i < run->series_count; i++) {
        const struct series *s = &run->series[i];
        json_t *one = json_pack("{s:s, s:s, s:o, s:s, s:o, s:o, s:o}", "name", s->name, "x_name",
                                s->x_name, "x_unit", text_or_null(s->x_unit), "y_name", s->y_name,
                                "y_unit", text_or_null(s->y_unit), "x", values_json(s->x, s->count),
                                "y", values_json(s->y, s->count));
        if (s->lo) json_object_set_new(one, "lo", values_json(s->lo, s->count));
        if (s->hi) json_object_set_new(one, "hi", values_json(s->hi, s->count));
        json_array_append_new(list, one);
    }
    return list;
}

/* lo and hi where the range was given. */
static json_t *axis_json(const struct svg_axis *axis)
{
    json_t *a = json_pack("{s:o, s:b}", "label", text_or_null(axis->label), "log", (int)axis->log);
    if (!(axis->lo < axis->hi)) return a;
    json_object_set_new(a, "lo", json_number(axis->lo));
    json_object_set_new(a, "hi", json_number(axis->hi));
    return a;
}

static json_t *with_values(json_t *axis, const double *x, size_t count)
{
    json_object_set_new(axis, "values", values_json(x, count));
    return axis;
}

static json_t *heat_json(const char *name, const struct svg_heat *h)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "name", name, "kind", "heat", "title",
                     h->title, "x", with_values(axis_json(&h->x), h->at_x, h->columns), "y",
                     with_values(axis_json(&h->y), h->at_y, h->rows), "z",
                     with_values(axis_json(&h->z), h->at_z, h->rows * h->columns));
}

static json_t *lines_json(const char *name, const struct figure *f)
{
    static const char *const style[] = {"line", "points", "reference"};
    json_t *curves = json_array();
    for (size_t i = 0; i < f->count; i++) {
        const struct figure_curve *c = &f->curves[i];
        json_array_append_new(curves, json_pack("{s:s, s:o, s:s, s:I}", "series", c->series,
                                                "label", text_or_null(c->label), "style",
                                                style[c->style], "colour", (json_int_t)c->colour));
    }
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "name", name, "kind", "lines", "title",
                     f->title, "x", axis_json(&f->x), "y", axis_json(&f->y), "curves", curves);
}

static json_t *figures_json(const struct study_run *run)
{
    json_t *list = json_array();
    for (size_t i = 0; i < run->figure_count; i++) {
        const struct recorded_figure *f = &run->figures[i];
        json_array_append_new(list, f->is_heat ? heat_json(f->name, &f->heat)
                                               : lines_json(f->name, &f->lines));
    }
    return list;
}

static json_t *texts_json(const char *const *texts, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) json_array_append_new(list, json_string(texts[i]));
    return list;
}

static json_t *tables_json(const struct study_run *run)
{
    json_t *list = json_array();
    for (size_t i = 0; i < run->table_count; i++) {
        const struct study_table *t = &run->tables[i];
        json_t *rows = json_array();
        for (size_t r = 0; r < t->rows; r++)
            json_array_append_new(
                rows, json_pack("{s:s, s:o}", "label", t->labels[r], "values",
                                values_json(t->cells + r * t->column_count, t->column_count)));
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:o, s:o}", "name", t->name, "title",
                                        t->title, "label", t->label, "columns",
                                        texts_json(t->columns, t->column_count), "rows", rows));
    }
    return list;
}

static json_t *record_json(const struct study_run *run)
{
    const struct roofs none = {.count = 0};
    char seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)run->seed);
    json_t *o = json_pack("{s:i, s:s, s:s, s:s, s:s, s:i, s:s}", "schema_version",
                          STUDY_SCHEMA_VERSION, "study", run->study->name, "source",
                          run->study->source, "size", study_size_name(run->size), "seed", seed,
                          "threads", run->threads, "isa", run->kernels->name);
    json_object_set_new(o, "command", json_string(run->machine.command));
    json_object_set_new(o, "started", json_string(run->machine.date));
    json_object_set_new(o, "seconds", json_number(run->seconds));
    json_object_set_new(o, "interrupted", json_boolean(study_interrupted(run)));
    json_object_set_new(o, "claims", claims_json(run));
    json_object_set_new(o, "series", series_json(run));
    json_object_set_new(o, "figures", figures_json(run));
    if (run->table_count) json_object_set_new(o, "tables", tables_json(run));
    json_object_set_new(o, "machine", context_json(&run->machine, &none));
    return o;
}

enum status study_json_write(const struct study_run *run, const char *path)
{
    json_t *root = record_json(run);
    return json_file_write(path, root, 12);
}
