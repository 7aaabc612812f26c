/* A record's figures as SVG. */
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "report/file.h"

/* "time, s". */
static const char *axis_name(char text[128], const char *name, const char *unit)
{
    snprintf(text, 128, "%s%s%s", name, unit && *unit ? ", " : "", unit ? unit : "");
    return text;
}

static char *lines_svg(const struct study_run *run, const struct figure *f)
{
    char x_name[128], y_name[128];
    struct svg_curve *curve = calloc(f->count, sizeof *curve);
    if (!curve) return NULL;
    const struct series *first = record_series(run, f->curves[0].series);
    for (size_t i = 0; i < f->count; i++) {
        const struct figure_curve *c = &f->curves[i];
        const struct series *s = record_series(run, c->series);
        curve[i] = (struct svg_curve){.label = c->label,
                                      .style = c->style,
                                      .colour = c->colour,
                                      .x = s->x,
                                      .y = s->y,
                                      .lo = s->lo,
                                      .hi = s->hi,
                                      .count = s->count};
    }
    struct svg_lines lines = {
        .title = f->title, .x = f->x, .y = f->y, .curve = curve, .curves = f->count};
    if (!lines.x.label) lines.x.label = axis_name(x_name, first->x_name, first->x_unit);
    if (!lines.y.label) lines.y.label = axis_name(y_name, first->y_name, first->y_unit);
    char *text = svg_lines(&lines);
    free(curve);
    return text;
}

enum status figures_write(const struct study_run *run, const char *folder)
{
    for (size_t i = 0; i < run->figure_count; i++) {
        const struct recorded_figure *f = &run->figures[i];
        char path[1024];
        if (snprintf(path, sizeof path, "%s/%s.svg", folder, f->name) >= (int)sizeof path)
            return fail(STATUS_NO_OUTPUT, "%s: the path is too long", folder);
        char *text = f->is_heat ? svg_heat(&f->heat) : lines_svg(run, &f->lines);
        if (!text) return fail(STATUS_OS, "no memory for the figure %s", path);
        const enum status status = file_write(path, text);
        free(text);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}
