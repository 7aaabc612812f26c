/* svg: static figures as SVG text: lines over two axes, heat maps, and rows of dots.
 *
 * A figure is 720 pixels wide, draws on its own ground in light or dark as the reader's system has it,
 * and says in marks and dashes what it says in colours. It has a title and a description for readers
 * of screens, no script and no reference to anything outside. Text is UTF-8. Numbers do not depend on the
 * locale. What is not finite, beyond 1e300 or not above 0 on a logarithmic axis is not drawn: a line
 * breaks there.
 *
 * A page with many figures gives svg_style once and draws them bare, without a style of their own.
 */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include <stdbool.h>
#include <stddef.h>

/* A <style> element. */
extern const char svg_style[];

struct svg_axis {
    const char *label; /* with its unit */
    bool log;
    double lo, hi; /* the range; unless lo < hi, that of the data */
};

enum svg_style {
    SVG_LINE,     /* with marks, and a band from lo to hi */
    SVG_POINTS,   /* marks alone, with bars from lo to hi */
    SVG_REFERENCE /* dashed, without marks: a theory */
};

struct svg_curve {
    const char *label; /* in the legend; NULL: not there */
    enum svg_style style;
    size_t colour; /* curves of one colour belong together; 0: its own, a reference's is grey */
    const double *x, *y;
    const double *lo, *hi; /* of y; NULL: none */
    size_t count;
    const char *const *names; /* of points: shown where one is pointed at; NULL: none */
};

struct svg_lines {
    const char *title;
    struct svg_axis x, y;
    const struct svg_curve *curve; /* the first lies lowest */
    size_t curves;
    bool bare;
};

/* To be freed; NULL where memory is short. */
char *svg_lines(const struct svg_lines *figure);

struct svg_heat {
    const char *title;
    struct svg_axis x, y, z;   /* of x and y the label alone: cells are of one size */
    const double *at_x, *at_y; /* of columns and rows; the first row is the lowest */
    const double *at_z;        /* rows * columns, row by row */
    size_t columns, rows;
    bool bare;
};

/* To be freed; NULL where memory is short. */
char *svg_heat(const struct svg_heat *figure);

/* A value and its interval; where lo and hi are not finite, none. */
struct svg_dot {
    double at, lo, hi;
    size_t kind; /* of svg_dots.kind */
};
struct svg_dot_row {
    const char *label;
    const char *about; /* shown where the row is pointed at; NULL: the label */
    const struct svg_dot *dot;
    size_t dots;
};
/* Rows in the order given, the first at the top, each with a line for each of its dots. */
struct svg_dots {
    const char *title;
    struct svg_axis x;
    double reference;          /* a line there; NaN: none */
    const char *below, *above; /* what it means to lie on either side of it; may be NULL */
    const char *const *kind;   /* names in the legend, at most 7 */
    size_t kinds;
    const struct svg_dot_row *row;
    size_t rows;
    bool bare;
};

/* To be freed; NULL where memory is short. */
char *svg_dots(const struct svg_dots *figure);

#endif
