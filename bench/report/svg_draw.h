/* svg_draw: what the figures of svg.h are drawn with. Coordinates are pixels, y points down. */
#ifndef REPORT_SVG_DRAW_H
#define REPORT_SVG_DRAW_H

#include <stdio.h>

#include "svg.h"

enum { SVG_WIDTH = 720, SVG_EDGE = 16, SVG_SMALL = 12, SVG_COLOURS = 7, SVG_TICKS = 128 };

/* 1.5 and 2: "1.5"; where a power is given, text is the factor: "2×10", "−7". */
struct svg_number {
    char text[48], power[16];
};

struct svg_tick {
    double at;
    struct svg_number label; /* empty: a minor tick */
};

/* Can v be drawn on this axis? */
bool svg_drawable(const struct svg_axis *axis, double v);

/* The range of an axis: given, or that of the values with some room, or 0 to 1 without any. */
struct svg_range {
    double lo, hi;
    bool log, any;
};
void svg_range_add(struct svg_range *range, const struct svg_axis *axis, double v);
void svg_range_settle(struct svg_range *range, const struct svg_axis *axis);
/* 0 at lo, 1 at hi. */
double svg_share(const struct svg_range *range, double v);

/* Labelled at 1, 2 or 5 times a power of ten; on logarithmic axes of three decades and more at powers of ten. About
 * `most` labels; returns how many ticks, at most SVG_TICKS. */
size_t svg_ticks(const struct svg_range *range, size_t most, struct svg_tick tick[SVG_TICKS]);
/* Any value, to so many digits, at most 6; a dash for what cannot be drawn. */
struct svg_number svg_value(double v, int digits);

/* ---- text. Widths are estimates for the widest of common fonts. */

double svg_text_width(const char *text, double size);
double svg_number_width(const struct svg_number *number, double size);
void svg_put(FILE *out, double x);                    /* a coordinate, to tenths */
void svg_to(FILE *out, char how, double x, double y); /* path data: 'M' or 'L' */
void svg_put_text(FILE *out, const char *text);
void svg_put_number(FILE *out, const struct svg_number *number);
/* <text> at a place; anchor: "start", "middle" or "end"; class may be NULL. */
void svg_label(FILE *out, double x, double y, const char *anchor, const char *class,
               const char *text);
void svg_number_label(FILE *out, double x, double y, const char *anchor,
                      const struct svg_number *number);

/* ---- the frame */

struct svg_box {
    double left, top, right, bottom;
};

/* Lines that the title takes, and where what is below it may begin. */
double svg_title_bottom(const char *title);
/* From <svg> to the title; `about` describes the figure to who does not see it. */
void svg_open(FILE *out, double height, const char *title, const char *about, bool bare);
void svg_close(FILE *out);
/* Closes the stream over memory: its *text, to be freed; NULL after a failure. */
char *svg_finish(FILE *out, char **text);
/* The mark of colour 1, 2, ... as path data. */
void svg_mark(FILE *out, size_t colour, double x, double y);
/* The names of both axes, in the middle of the box's edges; x's baseline is at `below`. */
void svg_axis_names(FILE *out, const struct svg_box *box, double below, const char *x,
                    const char *y);

#endif
