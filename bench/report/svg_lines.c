/* Curves over two axes, the legend below them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "svg_plot.h"

enum { PLOT_HEIGHT = 300, LEGEND_LINE = 20, SAMPLE_WIDTH = 34 };

static void find_ranges(struct svg_plot *p)
{
    const struct svg_lines *f = p->f;
    for (size_t k = 0; k < f->curves; k++) {
        const struct svg_curve *c = &f->curve[k];
        for (size_t i = 0; i < c->count; i++) {
            if (!svg_plot_has(p, c, i)) continue;
            svg_range_add(&p->x, &f->x, c->x[i]);
            svg_range_add(&p->y, &f->y, c->y[i]);
            if (!c->lo || !c->hi) continue;
            svg_range_add(&p->y, &f->y, c->lo[i]);
            svg_range_add(&p->y, &f->y, c->hi[i]);
        }
    }
    svg_range_settle(&p->x, &f->x);
    svg_range_settle(&p->y, &f->y);
}

/* A view of its own clips what lies beyond the frame, without an id; marks at the edge stay whole. */
static void draw_curves(const struct svg_plot *p)
{
    const double over = 5.0;
    const double at[] = {p->box.left - over, p->box.top - over,
                         p->box.right - p->box.left + 2.0 * over,
                         p->box.bottom - p->box.top + 2.0 * over};
    static const char *const name[] = {"<svg x=\"", "\" y=\"", "\" width=\"", "\" height=\""};
    for (int i = 0; i < 4; i++) {
        fputs(name[i], p->out);
        svg_put(p->out, at[i]);
    }
    fputs("\" viewBox=\"", p->out);
    for (int i = 0; i < 4; i++) {
        if (i) fputc(' ', p->out);
        svg_put(p->out, at[i]);
    }
    fputs("\">\n", p->out);
    for (size_t k = 0; k < p->f->curves; k++) svg_curve_draw(p, k);
    fputs("</svg>\n", p->out);
}

/* ---- axes */

static void draw_axes(const struct svg_plot *p, const struct svg_tick *x, size_t xs,
                      const struct svg_tick *y, size_t ys)
{
    FILE *out = p->out;
    const struct svg_box *b = &p->box;
    fputs("<path class=\"g\" d=\"", out);
    for (size_t i = 0; i < xs; i++) {
        if (!x[i].label.text[0]) continue;
        svg_to(out, 'M', svg_plot_x(p, x[i].at), b->top);
        fputc('V', out);
        svg_put(out, b->bottom);
    }
    for (size_t i = 0; i < ys; i++) {
        if (!y[i].label.text[0]) continue;
        svg_to(out, 'M', b->left, svg_plot_y(p, y[i].at));
        fputc('H', out);
        svg_put(out, b->right);
    }
    fputs("\"/>\n<path class=\"a\" d=\"", out);
    svg_to(out, 'M', b->left, b->top);
    fputc('V', out);
    svg_put(out, b->bottom);
    fputc('H', out);
    svg_put(out, b->right);
    for (size_t i = 0; i < xs; i++) {
        svg_to(out, 'M', svg_plot_x(p, x[i].at), b->bottom);
        fputs(x[i].label.text[0] ? "v5" : "v3", out);
    }
    for (size_t i = 0; i < ys; i++) {
        svg_to(out, 'M', b->left, svg_plot_y(p, y[i].at));
        fputs(y[i].label.text[0] ? "h-5" : "h-3", out);
    }
    fputs("\"/>\n", out);
    for (size_t i = 0; i < xs; i++)
        if (x[i].label.text[0])
            svg_number_label(out, svg_plot_x(p, x[i].at), b->bottom + 19.0, "middle", &x[i].label);
    for (size_t i = 0; i < ys; i++)
        if (y[i].label.text[0])
            svg_number_label(out, b->left - 9.0, svg_plot_y(p, y[i].at) + 4.0, "end", &y[i].label);
}

/* ---- legend */

static double entry_width(const struct svg_curve *c)
{
    return SAMPLE_WIDTH + 6.0 + svg_text_width(c->label, SVG_SMALL) + 18.0;
}

static void draw_sample(const struct svg_plot *p, size_t k, double x, double y)
{
    const struct svg_curve *c = &p->f->curve[k];
    svg_curve_group(p, k);
    if (c->lo && c->hi && c->style != SVG_POINTS) {
        fputs("<path class=\"b\" d=\"", p->out);
        svg_to(p->out, 'M', x, y - 6.0);
        fprintf(p->out, "h%dv12h-%dz\"/>", SAMPLE_WIDTH - 6, SAMPLE_WIDTH - 6);
    }
    if (c->style != SVG_POINTS) {
        svg_curve_line(p, k);
        svg_to(p->out, 'M', x, y);
        fprintf(p->out, "h%d\"/>", SAMPLE_WIDTH - 6);
    }
    if (c->style != SVG_REFERENCE) {
        fputs("<path class=\"m\" d=\"", p->out);
        svg_curve_mark(p, k, x + 0.5 * (SAMPLE_WIDTH - 6), y);
        fputs("\"/>", p->out);
    }
    fputs("</g>\n", p->out);
}

/* Rows of entries from y on; where p->out is NULL only measured. Returns the height. */
static double legend(const struct svg_plot *p, double y)
{
    double x = SVG_EDGE, height = 0.0;
    for (size_t k = 0; k < p->f->curves; k++) {
        const struct svg_curve *c = &p->f->curve[k];
        if (!c->label || !*c->label) continue;
        if (height == 0.0) height = LEGEND_LINE;
        if (x > SVG_EDGE && x + entry_width(c) > SVG_WIDTH - SVG_EDGE) {
            x = SVG_EDGE;
            height += LEGEND_LINE;
        }
        if (p->out) {
            draw_sample(p, k, x, y + height - 14.0);
            svg_label(p->out, x + SAMPLE_WIDTH, y + height - 10.0, "start", NULL, c->label);
        }
        x += entry_width(c);
    }
    return height;
}

/* ---- the figure */

static void describe(const struct svg_lines *f, char about[1024])
{
    size_t used = (size_t)snprintf(about, 1024, "%s over %s.", f->y.label, f->x.label);
    for (size_t k = 0; k < f->curves && used < 1024; k++) {
        const struct svg_curve *c = &f->curve[k];
        struct svg_range r = {0};
        for (size_t i = 0; i < c->count; i++) svg_range_add(&r, &f->y, c->y[i]);
        if (!c->label) continue;
        if (!r.any) {
            used += (size_t)snprintf(about + used, 1024 - used, " %s: no points.", c->label);
            continue;
        }
        const struct svg_number lo = svg_value(r.lo, 3), hi = svg_value(r.hi, 3);
        used +=
            (size_t)snprintf(about + used, 1024 - used, " %s: %zu points, from %s%s%s to %s%s%s.",
                             c->label, c->count, lo.text, *lo.power ? "^" : "", lo.power, hi.text,
                             *hi.power ? "^" : "", hi.power);
    }
}

char *svg_lines(const struct svg_lines *f)
{
    char *text = NULL, about[1024];
    size_t size = 0;
    struct svg_tick x[SVG_TICKS], y[SVG_TICKS];
    struct svg_plot p = {.f = f};
    double widest = 0.0;
    find_ranges(&p);
    const size_t ys = svg_ticks(&p.y, 6, y), xs = svg_ticks(&p.x, 7, x);
    for (size_t i = 0; i < ys; i++) widest = fmax(widest, svg_number_width(&y[i].label, SVG_SMALL));
    p.box.left = SVG_EDGE + 24.0 + widest + 9.0;
    p.box.top = svg_title_bottom(f->title) + 10.0;
    p.box.right = SVG_WIDTH - SVG_EDGE - 12.0;
    p.box.bottom = p.box.top + PLOT_HEIGHT;
    const double below = p.box.bottom + 42.0, legend_top = below + 14.0;
    const double height = legend_top + legend(&p, 0.0) + 10.0;
    describe(f, about);
    p.out = open_memstream(&text, &size);
    if (!p.out) return NULL;
    svg_open(p.out, height, f->title, about, f->bare);
    draw_axes(&p, x, xs, y, ys);
    draw_curves(&p);
    svg_axis_names(p.out, &p.box, below, f->x.label, f->y.label);
    legend(&p, legend_top);
    svg_close(p.out);
    return svg_finish(p.out, &text);
}
