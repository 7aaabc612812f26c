/* svg_plot: curves within the axes of svg_lines(). */
#ifndef REPORT_SVG_PLOT_H
#define REPORT_SVG_PLOT_H

#include "svg_draw.h"

struct svg_plot {
    FILE *out;
    const struct svg_lines *f;
    struct svg_range x, y;
    struct svg_box box;
};

/* Pixels. */
double svg_plot_x(const struct svg_plot *p, double v);
double svg_plot_y(const struct svg_plot *p, double v);
/* Can point i of the curve be drawn? */
bool svg_plot_has(const struct svg_plot *p, const struct svg_curve *c, size_t i);

/* <g> in the colour of curve k. */
void svg_curve_group(const struct svg_plot *p, size_t k);
/* <path> in its dashes, up to the quote before its data. */
void svg_curve_line(const struct svg_plot *p, size_t k);
/* Its mark, as path data. */
void svg_curve_mark(const struct svg_plot *p, size_t k, double x, double y);
/* All of it. */
void svg_curve_draw(const struct svg_plot *p, size_t k);

#endif
