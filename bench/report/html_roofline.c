/* Every row's GFLOP/s over its arithmetic intensity, under the roofs of its lane and number of threads. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "kernel.h"
#include "report.h"
#include "svg.h"

enum {
    LEVELS = 4,
    COMPILED = LEVELS,
    OTHERS,
    CLASSES,
    PEAK = CLASSES,
    CURVES = CLASSES + LEVELS + 1
};
static const char *const level_of[LEVELS] = {"L1", "L2", "L3", "DRAM"};

struct points {
    double *x, *y;
    const char **names;
    size_t count;
};

struct chart {
    const struct report *r;
    size_t side;
    int threads;
    const char *lane;
    struct points points[CLASSES];
    double lo, hi; /* of x */
    double roof_x[LEVELS + 1][2], roof_y[LEVELS + 1][2];
    char label[CURVES][64];
    size_t without; /* rows that have no intensity */
};

/* The lane whose roof binds a row: scalar rows stand under that of avx2, far below. */
static const char *lane_of(const struct read_row *row)
{
    return strstr(row->isa, "avx512") ? isa_name(ISA_AVX512) : isa_name(ISA_AVX2);
}

static int class_of(const struct read_row *row)
{
    if (read_is_library(row)) return OTHERS;
    if (strncmp(row->variant, "avx", 3) != 0) return COMPILED;
    for (int l = 0; l < LEVELS; l++)
        if (strcmp(row->level, level_of[l]) == 0) return l;
    return LEVELS - 1;
}

static bool belongs(const struct chart *c, const struct report_entry *e)
{
    return e->side == c->side && e->row->threads == c->threads && e->row->state == READ_TIMED &&
           strcmp(lane_of(e->row), c->lane) == 0;
}

static bool has_place(const struct read_row *row)
{
    return row->flops > 0.0 && row->bytes > 0.0;
}

static bool make_points(struct chart *c)
{
    for (int k = 0; k < CLASSES; k++) {
        struct points *p = &c->points[k];
        p->x = malloc((c->r->entries + 1) * sizeof *p->x);
        p->y = malloc((c->r->entries + 1) * sizeof *p->y);
        p->names = malloc((c->r->entries + 1) * sizeof *p->names);
        if (!p->x || !p->y || !p->names) return false;
    }
    for (size_t i = 0; i < c->r->entries; i++) {
        const struct read_row *row = c->r->entry[i].row;
        struct points *p = &c->points[class_of(row)];
        if (!belongs(c, &c->r->entry[i])) continue;
        if (!has_place(row)) {
            c->without++;
            continue;
        }
        const double x = row->flops / row->bytes;
        p->x[p->count] = x;
        p->y[p->count] = row->flops / row->median;
        p->names[p->count++] = row->name;
        c->lo = fmin(c->lo, 0.7 * x);
        c->hi = fmax(c->hi, 1.4 * x);
    }
    return true;
}

/* ---- roofs: bandwidth of loads times intensity, up to the peak; the peak where none of them binds */

static double bandwidth(const struct chart *c, int level)
{
    char field[32];
    snprintf(field, sizeof field, "load_gbps_%s", level_of[level]);
    return report_roof(c->r, c->side, c->lane, c->threads, field);
}

static size_t add_roofs(struct chart *c, struct svg_curve *curve)
{
    const double peak = report_roof(c->r, c->side, c->lane, c->threads, "gflops");
    double first = c->hi;
    size_t n = 0;
    if (!(peak > 0.0)) return 0;
    for (int l = 0; l <= LEVELS; l++) {
        const double gbps = l < LEVELS ? bandwidth(c, l) : NAN;
        const double ridge = peak / gbps;
        if (l < LEVELS && !(ridge > c->lo)) continue;
        if (l < LEVELS) first = fmin(first, ridge);
        const double from = l < LEVELS ? c->lo : fmax(c->lo, first);
        const double to = l < LEVELS ? fmin(ridge, c->hi) : c->hi;
        c->roof_x[l][0] = from;
        c->roof_x[l][1] = to;
        c->roof_y[l][0] = l < LEVELS ? gbps * from : peak;
        c->roof_y[l][1] = l < LEVELS ? gbps * to : peak;
        if (l < LEVELS)
            snprintf(c->label[CLASSES + l], 64, "%s, %.0f GB/s", level_of[l], gbps);
        else
            snprintf(c->label[CLASSES + l], 64, "peak, %.0f GFLOP/s", peak);
        curve[n++] = (struct svg_curve){.label = c->label[CLASSES + l],
                                        .style = SVG_REFERENCE,
                                        .colour = l < LEVELS ? (size_t)l + 1 : 0,
                                        .x = c->roof_x[l],
                                        .y = c->roof_y[l],
                                        .count = 2};
    }
    return n;
}

static size_t add_points(struct chart *c, struct svg_curve *curve)
{
    size_t n = 0;
    for (int k = CLASSES - 1; k >= 0; k--) {
        const struct points *p = &c->points[k];
        if (!p->count) continue;
        if (k < LEVELS)
            snprintf(c->label[k], 64, "%s, data in %s: %zu", c->lane, level_of[k], p->count);
        else
            snprintf(c->label[k], 64, "%s: %zu",
                     k == COMPILED ? "scalar, compiler" : "oneDNN, others", p->count);
        curve[n++] = (struct svg_curve){.label = c->label[k],
                                        .style = SVG_POINTS,
                                        .colour = (size_t)k + 1,
                                        .x = p->x,
                                        .y = p->y,
                                        .count = p->count,
                                        .names = p->names};
    }
    return n;
}

static void draw(FILE *out, struct chart *c)
{
    struct svg_curve curve[CURVES];
    char title[128], caption[256];
    size_t curves = add_roofs(c, curve);
    const bool roofed = curves > 0;
    curves += add_points(c, curve + curves);
    snprintf(title, sizeof title, "%s, %d thread%s%s%s", c->lane, c->threads,
             c->threads == 1 ? "" : "s", c->r->sides > 1 ? ", side " : "",
             c->r->sides > 1 ? c->r->side[c->side].name : "");
    snprintf(
        caption, sizeof caption,
        "%s Each point is a row, in the colour of the roof of loads that its data comes under; "
        "point at one for its name.",
        roofed ? "" : "No file measured the roofs of this lane and number of threads.");
    html_figure(
        out,
        svg_lines(&(struct svg_lines){.title = title,
                                      .x = {"operations per byte of operands", true, 0.0, 0.0},
                                      .y = {"GFLOP/s", true, 0.0, 0.0},
                                      .curve = curve,
                                      .curves = curves,
                                      .bare = true}),
        caption + (roofed ? 1 : 0));
    if (c->without)
        fprintf(out, "<p>%zu rows of this lane count no operations: they have no place here.</p>\n",
                c->without);
}

static void chart(FILE *out, const struct report *r, const struct report_entry *first)
{
    struct chart c = {.r = r,
                      .side = first->side,
                      .threads = first->row->threads,
                      .lane = lane_of(first->row),
                      .lo = HUGE_VAL,
                      .hi = 0.0};
    if (make_points(&c) && c.lo < c.hi) draw(out, &c);
    for (int k = 0; k < CLASSES; k++) {
        free(c.points[k].x);
        free(c.points[k].y);
        free(c.points[k].names);
    }
}

/* Was there an entry of this side, number of threads and lane before? */
static bool drawn(const struct report *r, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (r->entry[i].side == r->entry[at].side &&
            r->entry[i].row->threads == r->entry[at].row->threads && has_place(r->entry[i].row) &&
            r->entry[i].row->state == READ_TIMED &&
            strcmp(lane_of(r->entry[i].row), lane_of(r->entry[at].row)) == 0)
            return true;
    return false;
}

void html_roofline(FILE *out, const struct report *r)
{
    bool any = false;
    fputs("<div class=\"pair\">\n", out);
    for (size_t i = 0; i < r->entries; i++) {
        const struct report_entry *e = &r->entry[i];
        if (e->row->state != READ_TIMED || !has_place(e->row) || drawn(r, i)) continue;
        chart(out, r, e);
        any = true;
    }
    fputs("</div>\n", out);
    if (!any) fputs("<p>No row counts operations and bytes.</p>\n", out);
}
