/* Cells over two axes, their colours explained by a bar beside them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "svg_draw.h"

enum { SHADES = 48, BAR_WIDTH = 16, TEXT_CELLS_MOST = 400, VALUE_DIGITS = 3, WHOLE_DIGITS = 6 };

struct map {
    FILE *out;
    const struct svg_heat *f;
    struct svg_range z;
    struct svg_box box;
    double cell_x, cell_y;
};

/* Whole numbers in full. */
static struct svg_number name_of(double v)
{
    return svg_value(v, v == floor(v) ? WHOLE_DIGITS : VALUE_DIGITS);
}

/* viridis (van der Walt and Smith, 2015) at equal steps: lightness grows with the value. */
static void shade_rgb(double t, int rgb[3])
{
    static const unsigned char stop[9][3] = {{68, 1, 84},    {71, 44, 122},  {59, 81, 139},
                                             {44, 113, 142}, {33, 144, 141}, {39, 173, 129},
                                             {92, 200, 99},  {170, 220, 50}, {253, 231, 37}};
    const double at = 8.0 * fmin(fmax(t, 0.0), 1.0);
    const int i = at < 7.0 ? (int)at : 7;
    for (int c = 0; c < 3; c++)
        rgb[c] = (int)lround(stop[i][c] + (at - i) * (stop[i + 1][c] - stop[i][c]));
}

/* -1: no value. */
static int shade(const struct map *m, size_t row, size_t column)
{
    const double v = m->f->at_z[row * m->f->columns + column];
    if (!svg_drawable(&m->f->z, v)) return -1;
    const double share = fmin(fmax(svg_share(&m->z, v), 0.0), 1.0);
    return (int)fmin(SHADES - 1, floor(share * SHADES));
}

/* Whole pixels: no seam between neighbours. */
static double left_of(const struct map *m, size_t column)
{
    return round(m->box.left + (double)column * m->cell_x);
}

static double top_of(const struct map *m, size_t row)
{
    return round(m->box.bottom - (double)(row + 1) * m->cell_y);
}

static void rectangle(FILE *out, double x, double y, double width, double height)
{
    svg_to(out, 'M', x, y);
    fputc('h', out);
    svg_put(out, width);
    fputc('v', out);
    svg_put(out, height);
    fputs("H", out);
    svg_put(out, x);
    fputc('z', out);
}

static void open_shade(FILE *out, int s)
{
    int rgb[3];
    shade_rgb((s + 0.5) / SHADES, rgb);
    fprintf(out, "<path fill=\"#%02x%02x%02x\" d=\"", (unsigned)rgb[0], (unsigned)rgb[1],
            (unsigned)rgb[2]);
}

/* One path for each shade; neighbours in a row are one rectangle. */
static void draw_cells(const struct map *m)
{
    const struct svg_heat *f = m->f;
    fputs("<g shape-rendering=\"crispEdges\">\n", m->out);
    for (int s = 0; s < SHADES; s++) {
        bool open = false;
        for (size_t r = 0; r < f->rows; r++)
            for (size_t c = 0, end; c < f->columns; c = end) {
                for (end = c; end < f->columns && shade(m, r, end) == s; end++) continue;
                if (end == c) {
                    end = c + 1;
                    continue;
                }
                if (!open) open_shade(m->out, s);
                open = true;
                rectangle(m->out, left_of(m, c), top_of(m, r), left_of(m, end) - left_of(m, c),
                          (r ? top_of(m, r - 1) : m->box.bottom) - top_of(m, r));
            }
        if (open) fputs("\"/>\n", m->out);
    }
    fputs("</g>\n", m->out);
}

/* Cells without a value are crossed out. Returns whether there are any. */
static bool draw_gaps(const struct map *m)
{
    bool any = false;
    for (size_t r = 0; r < m->f->rows; r++)
        for (size_t c = 0; c < m->f->columns; c++) {
            if (shade(m, r, c) >= 0) continue;
            if (!any) fputs("<path class=\"x\" d=\"", m->out);
            any = true;
            svg_to(m->out, 'M', left_of(m, c), top_of(m, r));
            fputc('l', m->out);
            svg_put(m->out, m->cell_x);
            fputc(' ', m->out);
            svg_put(m->out, m->cell_y);
        }
    if (any) fputs("\"/>\n", m->out);
    return any;
}

static void draw_values(const struct map *m)
{
    const struct svg_heat *f = m->f;
    double widest = 0.0;
    if (f->rows * f->columns > TEXT_CELLS_MOST || m->cell_y < 17.0) return;
    for (size_t i = 0; i < f->rows * f->columns; i++) {
        const struct svg_number n = svg_value(f->at_z[i], VALUE_DIGITS);
        if (svg_drawable(&f->z, f->at_z[i])) widest = fmax(widest, svg_number_width(&n, SVG_SMALL));
    }
    if (widest + 4.0 > m->cell_x) return;
    for (size_t r = 0; r < f->rows; r++)
        for (size_t c = 0; c < f->columns; c++) {
            const struct svg_number n = svg_value(f->at_z[r * f->columns + c], VALUE_DIGITS);
            const int s = shade(m, r, c);
            if (s < 0) continue;
            fprintf(m->out, "<text class=\"%s\" text-anchor=\"middle\" x=\"",
                    s < 5 * SHADES / 9 ? "v" : "w");
            svg_put(m->out, left_of(m, c) + 0.5 * m->cell_x);
            fputs("\" y=\"", m->out);
            svg_put(m->out, top_of(m, r) + 0.5 * m->cell_y + 4.0);
            fputs("\">", m->out);
            svg_put_number(m->out, &n);
            fputs("</text>\n", m->out);
        }
}

/* Labels of columns and rows, as many as have room. */
static void draw_labels(const struct map *m)
{
    const struct svg_heat *f = m->f;
    double widest = 0.0;
    for (size_t c = 0; c < f->columns; c++) {
        const struct svg_number n = name_of(f->at_x[c]);
        widest = fmax(widest, svg_number_width(&n, SVG_SMALL));
    }
    const size_t by_x = (size_t)ceil((widest + 8.0) / m->cell_x);
    const size_t by_y = (size_t)ceil(20.0 / m->cell_y);
    for (size_t c = 0; c < f->columns; c += by_x) {
        const struct svg_number n = name_of(f->at_x[c]);
        svg_number_label(m->out, left_of(m, c) + 0.5 * m->cell_x, m->box.bottom + 17.0, "middle",
                         &n);
    }
    for (size_t r = 0; r < f->rows; r += by_y) {
        const struct svg_number n = name_of(f->at_y[r]);
        svg_number_label(m->out, m->box.left - 7.0, top_of(m, r) + 0.5 * m->cell_y + 4.0, "end",
                         &n);
    }
}

static void draw_bar(const struct map *m, const struct svg_tick *tick, size_t ticks)
{
    const double x = m->box.right + 18.0, height = m->box.bottom - m->box.top;
    fputs("<g shape-rendering=\"crispEdges\">\n", m->out);
    for (int s = 0; s < SHADES; s++) {
        open_shade(m->out, s);
        rectangle(m->out, x, m->box.bottom - (s + 1) * height / SHADES, BAR_WIDTH,
                  height / SHADES + (s ? 0.5 : 0.0)); /* no seam */
        fputs("\"/>\n", m->out);
    }
    fputs("</g>\n<path class=\"a\" d=\"", m->out);
    for (size_t i = 0; i < ticks; i++) {
        svg_to(m->out, 'M', x + BAR_WIDTH, m->box.bottom - svg_share(&m->z, tick[i].at) * height);
        fputs(tick[i].label.text[0] ? "h5" : "h3", m->out);
    }
    fputs("\"/>\n", m->out);
    for (size_t i = 0; i < ticks; i++)
        if (tick[i].label.text[0])
            svg_number_label(m->out, x + BAR_WIDTH + 8.0,
                             m->box.bottom - svg_share(&m->z, tick[i].at) * height + 4.0, "start",
                             &tick[i].label);
}

/* Room for what is left of the cells and right of them, and a height that suits the rows. */
static void lay_out(struct map *m, const struct svg_tick *tick, size_t ticks)
{
    const struct svg_heat *f = m->f;
    double left = 0.0, right = 0.0;
    for (size_t r = 0; r < f->rows; r++) {
        const struct svg_number n = name_of(f->at_y[r]);
        left = fmax(left, svg_number_width(&n, SVG_SMALL));
    }
    for (size_t i = 0; i < ticks; i++)
        right = fmax(right, svg_number_width(&tick[i].label, SVG_SMALL));
    m->box.left = SVG_EDGE + 24.0 + left + 7.0;
    m->box.right = SVG_WIDTH - SVG_EDGE - right - 8.0 - BAR_WIDTH - 18.0;
    m->box.top = svg_title_bottom(f->title) + 30.0;
    m->box.bottom = m->box.top + fmin(fmax(34.0 * (double)f->rows, 170.0), 420.0);
    m->cell_x = (m->box.right - m->box.left) / (double)(f->columns ? f->columns : 1);
    m->cell_y = (m->box.bottom - m->box.top) / (double)(f->rows ? f->rows : 1);
}

/* From the least to the greatest value, with no room around them. */
static void find_range(struct map *m)
{
    const struct svg_heat *f = m->f;
    for (size_t i = 0; i < f->rows * f->columns; i++) svg_range_add(&m->z, &f->z, f->at_z[i]);
    struct svg_axis axis = f->z;
    if (!(axis.lo < axis.hi) && m->z.any) {
        axis.lo = m->z.lo;
        axis.hi = m->z.hi;
    }
    const double least = fmax(1e-9 * fmax(fabs(axis.lo), fabs(axis.hi)), 1e-300);
    if (axis.hi - axis.lo < least) axis.lo = axis.hi = 0.0;
    svg_range_settle(&m->z, &axis);
}

char *svg_heat(const struct svg_heat *f)
{
    char *text = NULL, about[512];
    size_t size = 0;
    struct svg_tick tick[SVG_TICKS];
    struct map m = {.f = f};
    find_range(&m);
    const size_t ticks = svg_ticks(&m.z, 6, tick);
    lay_out(&m, tick, ticks);
    const struct svg_number lo = svg_value(m.z.lo, VALUE_DIGITS),
                            hi = svg_value(m.z.hi, VALUE_DIGITS);
    snprintf(about, sizeof about,
             "%s as colours over %s and %s: %zu by %zu cells, from %s%s%s to %s%s%s.", f->z.label,
             f->x.label, f->y.label, f->columns, f->rows, lo.text, *lo.power ? "^" : "", lo.power,
             hi.text, *hi.power ? "^" : "", hi.power);
    m.out = open_memstream(&text, &size);
    if (!m.out) return NULL;
    const double below = m.box.bottom + 38.0;
    svg_open(m.out, below + 16.0, f->title, about, f->bare);
    draw_cells(&m);
    if (draw_gaps(&m)) svg_label(m.out, SVG_EDGE, below, "start", NULL, "struck out: no value");
    draw_values(&m);
    draw_labels(&m);
    draw_bar(&m, tick, ticks);
    svg_label(m.out, SVG_WIDTH - SVG_EDGE, m.box.top - 12.0, "end", "n", f->z.label);
    svg_axis_names(m.out, &m.box, below, f->x.label, f->y.label);
    svg_close(m.out);
    return svg_finish(m.out, &text);
}
