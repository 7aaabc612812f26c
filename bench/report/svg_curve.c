#include "svg_plot.h"

#include <math.h>

enum { MARKS_APART = 22 };

double svg_plot_x(const struct svg_plot *p, double v)
{
    return p->box.left + svg_share(&p->x, v) * (p->box.right - p->box.left);
}

double svg_plot_y(const struct svg_plot *p, double v)
{
    return p->box.bottom - svg_share(&p->y, v) * (p->box.bottom - p->box.top);
}

bool svg_plot_has(const struct svg_plot *p, const struct svg_curve *c, size_t i)
{
    return svg_drawable(&p->f->x, c->x[i]) && svg_drawable(&p->f->y, c->y[i]);
}

/* On a logarithmic axis an interval may reach down to 0 and below: it ends at the frame. */
static bool interval(const struct svg_plot *p, const struct svg_curve *c, size_t i, double *lo,
                     double *hi)
{
    if (!c->lo || !c->hi || !svg_plot_has(p, c, i)) return false;
    const bool has_lo = svg_drawable(&p->f->y, c->lo[i]), has_hi = svg_drawable(&p->f->y, c->hi[i]);
    if (!has_hi || (!has_lo && !(p->f->y.log && c->lo[i] <= 0.0))) return false;
    *lo = has_lo ? svg_plot_y(p, c->lo[i]) : p->box.bottom;
    *hi = svg_plot_y(p, c->hi[i]);
    return true;
}

/* ---- what a curve looks like */

/* Of 1, 2, ...: in the order in which curves come, unless a curve chose. 0: grey. */
static size_t colour_of(const struct svg_lines *f, size_t k)
{
    size_t own = 0;
    if (f->curve[k].colour) return f->curve[k].colour;
    if (f->curve[k].style == SVG_REFERENCE) return 0;
    for (size_t i = 0; i <= k; i++)
        own += f->curve[i].style != SVG_REFERENCE && !f->curve[i].colour;
    return own;
}

void svg_curve_group(const struct svg_plot *p, size_t k)
{
    const size_t colour = colour_of(p->f, k);
    if (colour)
        fprintf(p->out, "<g class=\"c%zu\">", (colour - 1) % SVG_COLOURS);
    else
        fputs("<g class=\"k\">", p->out);
}

/* Grey references differ in their dashes, and so do curves that share a colour by their number. */
static const char *dash_of(const struct svg_lines *f, size_t k)
{
    static const char *const reference[] = {"7 4", "2 3", "9 3 2 3", "12 5"};
    static const char *const line[] = {"", "10 3", "5 2 1 2", "3 2"};
    size_t before = 0;
    if (f->curve[k].style != SVG_REFERENCE) return line[(colour_of(f, k) - 1) / SVG_COLOURS % 4];
    if (colour_of(f, k)) return reference[0];
    for (size_t i = 0; i < k; i++)
        before += f->curve[i].style == SVG_REFERENCE && colour_of(f, i) == 0;
    return reference[before % 4];
}

void svg_curve_line(const struct svg_plot *p, size_t k)
{
    const char *dash = dash_of(p->f, k);
    fputs("<path class=\"l\"", p->out);
    if (*dash) fprintf(p->out, " stroke-dasharray=\"%s\"", dash);
    fputs(" d=\"", p->out);
}

void svg_mark(FILE *out, size_t colour, double x, double y)
{
    static const char *const shape[SVG_COLOURS] = {
        "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z",
        "m-3.2-3.2h6.4v6.4h-6.4z",
        "m0-4.4l4.2 7.3h-8.4z",
        "m0-4.6l4.6 4.6l-4.6 4.6l-4.6-4.6z",
        "m0 4.4l4.2-7.3h-8.4z",
        "m-1.3-4h2.6v2.7h2.7v2.6h-2.7v2.7h-2.6v-2.7h-2.7v-2.6h2.7z",
        "m-3.6-3.6h7.2l-7.2 7.2h7.2z"};
    svg_to(out, 'M', x, y);
    fputs(shape[(colour - 1) % SVG_COLOURS], out);
}

void svg_curve_mark(const struct svg_plot *p, size_t k, double x, double y)
{
    svg_mark(p->out, colour_of(p->f, k), x, y);
}

/* ---- the curve */

/* Bands break where a bound does: forth along hi, back along lo. */
static void draw_band(const struct svg_plot *p, const struct svg_curve *c)
{
    double lo, hi;
    if (!c->lo || !c->hi) return;
    fputs("<path class=\"b\" d=\"", p->out);
    for (size_t from = 0, end; from < c->count; from = end + 1) {
        for (end = from; end < c->count && interval(p, c, end, &lo, &hi); end++)
            svg_to(p->out, end == from ? 'M' : 'L', svg_plot_x(p, c->x[end]), hi);
        for (size_t i = end; i-- > from;) {
            interval(p, c, i, &lo, &hi);
            svg_to(p->out, 'L', svg_plot_x(p, c->x[i]), lo);
        }
        if (end > from) fputc('z', p->out);
    }
    fputs("\"/>", p->out);
}

static void draw_bars(const struct svg_plot *p, const struct svg_curve *c)
{
    double lo, hi;
    if (!c->lo || !c->hi) return;
    fputs("<path class=\"l\" d=\"", p->out);
    for (size_t i = 0; i < c->count; i++) {
        if (!interval(p, c, i, &lo, &hi)) continue;
        const double x = svg_plot_x(p, c->x[i]);
        svg_to(p->out, 'M', x - 3.0, lo);
        fputs("h6m-3 0V", p->out);
        svg_put(p->out, hi);
        fputs("m-3 0h6", p->out);
    }
    fputs("\"/>", p->out);
}

static void draw_line(const struct svg_plot *p, size_t k)
{
    const struct svg_curve *c = &p->f->curve[k];
    bool down = false;
    svg_curve_line(p, k);
    for (size_t i = 0; i < c->count; i++) {
        const bool here = svg_plot_has(p, c, i);
        if (here) svg_to(p->out, down ? 'L' : 'M', svg_plot_x(p, c->x[i]), svg_plot_y(p, c->y[i]));
        down = here;
    }
    fputs("\"/>", p->out);
}

static void draw_named_marks(const struct svg_plot *p, size_t k)
{
    const struct svg_curve *c = &p->f->curve[k];
    fputs("<g class=\"m\">", p->out);
    for (size_t i = 0; i < c->count; i++) {
        if (!svg_plot_has(p, c, i)) continue;
        fputs("<path d=\"", p->out);
        svg_curve_mark(p, k, svg_plot_x(p, c->x[i]), svg_plot_y(p, c->y[i]));
        fputs("\"><title>", p->out);
        svg_put_text(p->out, c->names[i]);
        fputs("</title></path>\n", p->out);
    }
    fputs("</g>", p->out);
}

/* On a line as many as have room; a point that no line reaches always has one. */
static void draw_marks(const struct svg_plot *p, size_t k)
{
    const struct svg_curve *c = &p->f->curve[k];
    double last = -HUGE_VAL;
    fputs("<path class=\"m\" d=\"", p->out);
    for (size_t i = 0; i < c->count; i++) {
        if (!svg_plot_has(p, c, i)) continue;
        const bool alone = (i == 0 || !svg_plot_has(p, c, i - 1)) &&
                           (i + 1 == c->count || !svg_plot_has(p, c, i + 1));
        const double x = svg_plot_x(p, c->x[i]);
        if (c->style != SVG_POINTS && !alone && fabs(x - last) < MARKS_APART) continue;
        svg_curve_mark(p, k, x, svg_plot_y(p, c->y[i]));
        last = x;
    }
    fputs("\"/>", p->out);
}

void svg_curve_draw(const struct svg_plot *p, size_t k)
{
    const struct svg_curve *c = &p->f->curve[k];
    svg_curve_group(p, k);
    if (c->style == SVG_POINTS)
        draw_bars(p, c);
    else
        draw_band(p, c);
    if (c->style != SVG_POINTS) draw_line(p, k);
    if (c->style != SVG_REFERENCE && c->names)
        draw_named_marks(p, k);
    else if (c->style != SVG_REFERENCE)
        draw_marks(p, k);
    fputs("</g>\n", p->out);
}
