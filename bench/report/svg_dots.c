/* Rows of dots with intervals over one axis: labels left, the axis above, and below a long figure once more. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "svg_draw.h"

enum { ROW_HEIGHT = 17, DOT_HEIGHT = 9, LABEL_MOST = 365, LEGEND_LINE = 22, AXIS_BELOW_FROM = 400 };

struct dots {
    FILE *out;
    const struct svg_dots *f;
    struct svg_range x;
    struct svg_box box;
};

static double row_height(const struct svg_dot_row *row)
{
    return row->dots > 1 ? (double)(DOT_HEIGHT * row->dots + ROW_HEIGHT - DOT_HEIGHT) : ROW_HEIGHT;
}

static double at_x(const struct dots *d, double v)
{
    const double share = fmin(fmax(svg_share(&d->x, v), 0.0), 1.0);
    return d->box.left + share * (d->box.right - d->box.left);
}

/* Of the values, and of the parts of intervals that do not dwarf them: within 3 times on a logarithmic axis. */
static void find_range(struct dots *d)
{
    const struct svg_dots *f = d->f;
    if (isfinite(f->reference)) svg_range_add(&d->x, &f->x, f->reference);
    for (size_t i = 0; i < f->rows; i++)
        for (size_t k = 0; k < f->row[i].dots; k++) {
            const struct svg_dot *dot = &f->row[i].dot[k];
            svg_range_add(&d->x, &f->x, dot->at);
            if (!svg_drawable(&f->x, dot->at)) continue;
            svg_range_add(&d->x, &f->x, f->x.log ? fmax(dot->lo, dot->at / 3.0) : dot->lo);
            svg_range_add(&d->x, &f->x, f->x.log ? fmin(dot->hi, dot->at * 3.0) : dot->hi);
        }
    svg_range_settle(&d->x, &f->x);
}

/* ---- labels */

/* Cut with an ellipsis where it is too wide. */
static void put_label(const struct dots *d, double y, const char *label)
{
    char cut[256];
    const double room = d->box.left - SVG_EDGE - 10.0;
    size_t length = strlen(label);
    if (svg_text_width(label, SVG_SMALL) <= room) {
        svg_label(d->out, d->box.left - 10.0, y, "end", NULL, label);
        return;
    }
    if (length > sizeof cut - 4) length = sizeof cut - 4;
    do {
        snprintf(cut, sizeof cut, "%.*s\u2026", (int)length, label);
    } while (svg_text_width(cut, SVG_SMALL) > room && length-- > 1);
    svg_label(d->out, d->box.left - 10.0, y, "end", NULL, cut);
}

static double widest_label(const struct svg_dots *f)
{
    double widest = 60.0;
    for (size_t i = 0; i < f->rows; i++)
        widest = fmax(widest, svg_text_width(f->row[i].label, SVG_SMALL));
    return fmin(widest, LABEL_MOST);
}

/* ---- the axis */

static void draw_axis(const struct dots *d, bool below, const struct svg_tick *tick, size_t ticks)
{
    const double y = below ? d->box.bottom : d->box.top;
    fputs("<path class=\"a\" d=\"", d->out);
    svg_to(d->out, 'M', d->box.left, y);
    fputc('H', d->out);
    svg_put(d->out, d->box.right);
    for (size_t i = 0; i < ticks; i++) {
        svg_to(d->out, 'M', at_x(d, tick[i].at), y);
        fprintf(d->out, "v%s%d", below ? "" : "-", tick[i].label.text[0] ? 5 : 3);
    }
    fputs("\"/>\n", d->out);
    for (size_t i = 0; i < ticks; i++)
        if (tick[i].label.text[0])
            svg_number_label(d->out, at_x(d, tick[i].at), below ? y + 19.0 : y - 9.0, "middle",
                             &tick[i].label);
}

static void draw_grid(const struct dots *d, const struct svg_tick *tick, size_t ticks)
{
    double y = d->box.top;
    fputs("<path class=\"g\" d=\"", d->out);
    for (size_t i = 0; i < ticks; i++) {
        if (!tick[i].label.text[0]) continue;
        svg_to(d->out, 'M', at_x(d, tick[i].at), d->box.top);
        fputc('V', d->out);
        svg_put(d->out, d->box.bottom);
    }
    for (size_t i = 0; i < d->f->rows; y += row_height(&d->f->row[i++])) {
        svg_to(d->out, 'M', SVG_EDGE, y);
        fputc('H', d->out);
        svg_put(d->out, d->box.right);
    }
    fputs("\"/>\n", d->out);
    if (!isfinite(d->f->reference)) return;
    fputs("<path class=\"a\" stroke-width=\"1.6\" d=\"", d->out);
    svg_to(d->out, 'M', at_x(d, d->f->reference), d->box.top);
    fputc('V', d->out);
    svg_put(d->out, d->box.bottom);
    fputs("\"/>\n", d->out);
}

/* ---- the dots */

/* An interval that leaves the axis ends at its edge. */
static void draw_interval(const struct dots *d, const struct svg_dot *dot, double y)
{
    if (isnan(dot->lo) || isnan(dot->hi) || !(dot->lo <= dot->hi)) return;
    const double least = d->x.lo, most = d->x.hi;
    fputs("<path class=\"l\" d=\"", d->out);
    svg_to(d->out, 'M', at_x(d, fmin(fmax(dot->lo, least), most)), y);
    fputc('H', d->out);
    svg_put(d->out, at_x(d, fmin(fmax(dot->hi, least), most)));
    fputs("\"/>", d->out);
}

static void draw_row(const struct dots *d, const struct svg_dot_row *row, double top)
{
    const double first = top + 0.5 * ROW_HEIGHT;
    fputs("<g><title>", d->out);
    svg_put_text(d->out, row->about ? row->about : row->label);
    fputs("</title>", d->out);
    put_label(d, top + 0.5 * row_height(row) + 4.0, row->label);
    for (size_t k = 0; k < row->dots; k++) {
        const struct svg_dot *dot = &row->dot[k];
        const double y = first + (double)(k * DOT_HEIGHT);
        if (!svg_drawable(&d->f->x, dot->at)) continue;
        fprintf(d->out, "<g class=\"c%zu\">", dot->kind % SVG_COLOURS);
        draw_interval(d, dot, y);
        fputs("<path class=\"m\" d=\"", d->out);
        svg_mark(d->out, dot->kind + 1, at_x(d, dot->at), y);
        fputs("\"/></g>", d->out);
    }
    fputs("</g>\n", d->out);
}

static void draw_legend(const struct dots *d, double y)
{
    double x = SVG_EDGE;
    for (size_t k = 0; k < d->f->kinds; k++) {
        fprintf(d->out, "<g class=\"c%zu\"><path class=\"m\" d=\"", k % SVG_COLOURS);
        svg_mark(d->out, k + 1, x + 6.0, y - 4.0);
        fputs("\"/></g>", d->out);
        svg_label(d->out, x + 16.0, y, "start", NULL, d->f->kind[k]);
        x += 34.0 + svg_text_width(d->f->kind[k], SVG_SMALL);
    }
}

/* What lies left and right of the reference, each where it fits. */
static void draw_sides(const struct dots *d, double y)
{
    if (d->f->below) {
        svg_label(d->out, d->box.left, y, "start", NULL, d->f->below);
    }
    if (d->f->above) svg_label(d->out, d->box.right, y, "end", NULL, d->f->above);
}

static void describe(const struct svg_dots *f, char about[512])
{
    struct svg_range r = {0};
    size_t dots = 0;
    for (size_t i = 0; i < f->rows; i++)
        for (size_t k = 0; k < f->row[i].dots; k++, dots++)
            svg_range_add(&r, &f->x, f->row[i].dot[k].at);
    const struct svg_number lo = svg_value(r.lo, 3), hi = svg_value(r.hi, 3);
    size_t used =
        (size_t)snprintf(about, 512, "%s: %zu values in %zu rows", f->x.label, dots, f->rows);
    if (r.any && used < 512)
        snprintf(about + used, 512 - used, ", from %s%s%s to %s%s%s.", lo.text,
                 *lo.power ? "^" : "", lo.power, hi.text, *hi.power ? "^" : "", hi.power);
}

char *svg_dots(const struct svg_dots *f)
{
    char *text = NULL, about[512];
    size_t size = 0;
    struct svg_tick tick[SVG_TICKS];
    struct dots d = {.f = f};
    find_range(&d);
    const size_t ticks = svg_ticks(&d.x, 7, tick);
    const double legend = svg_title_bottom(f->title) + (f->kinds ? LEGEND_LINE : 0);
    const double sides = legend + (f->below || f->above ? LEGEND_LINE : 4);
    d.box.left = SVG_EDGE + widest_label(f) + 12.0;
    d.box.right = SVG_WIDTH - SVG_EDGE - 14.0;
    d.box.bottom = d.box.top = sides + 48.0;
    for (size_t i = 0; i < f->rows; i++) d.box.bottom += row_height(&f->row[i]);
    const bool below = d.box.bottom - d.box.top > AXIS_BELOW_FROM;
    describe(f, about);
    d.out = open_memstream(&text, &size);
    if (!d.out) return NULL;
    svg_open(d.out, d.box.bottom + (below ? 32.0 : 14.0), f->title, about, f->bare);
    draw_legend(&d, legend - 4.0);
    draw_sides(&d, sides - 4.0);
    svg_label(d.out, 0.5 * (d.box.left + d.box.right), sides + 16.0, "middle", "n", f->x.label);
    draw_grid(&d, tick, ticks);
    draw_axis(&d, false, tick, ticks);
    if (below) draw_axis(&d, true, tick, ticks);
    double y = d.box.top;
    for (size_t i = 0; i < f->rows; y += row_height(&f->row[i++])) draw_row(&d, &f->row[i], y);
    svg_close(d.out);
    return svg_finish(d.out, &text);
}
