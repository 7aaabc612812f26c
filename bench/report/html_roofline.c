/* Every row's GFLOP/s over its arithmetic intensity, under the roofs of its lane and number of threads. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "kernel.h"
#include "report.h"
#include "svg.h"

/* Of points: by the level of a vector lane's data, then the rest. */
enum { LEVELS = 4, COMPILED = LEVELS, OTHERS, UNSAID, CLASSES, CURVES = CLASSES + LEVELS + 1 };
static const char *const level_of[LEVELS] = {"L1", "L2", "L3", "DRAM"};

struct points {
    double *x, *y;
    const char **names;
    size_t count;
};

struct chart {
    const struct report *r;
    const struct report_entry **entry; /* of one side, number of threads and lane */
    size_t entries;
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
    if (read_is_library(row) || report_is_plugin(row)) return OTHERS;
    if (strncmp(row->variant, "avx", 3) != 0) return COMPILED;
    for (int l = 0; l < LEVELS; l++)
        if (strcmp(row->level, level_of[l]) == 0) return l;
    return UNSAID;
}

static bool has_place(const struct read_row *row)
{
    return row->flops > 0.0 && row->bytes > 0.0;
}

static bool make_points(struct chart *c)
{
    for (int k = 0; k < CLASSES; k++) {
        struct points *p = &c->points[k];
        p->x = malloc(c->entries * sizeof *p->x);
        p->y = malloc(c->entries * sizeof *p->y);
        p->names = malloc(c->entries * sizeof *p->names);
        if (!p->x || !p->y || !p->names) return false;
    }
    for (size_t i = 0; i < c->entries; i++) {
        const struct read_row *row = c->entry[i]->row;
        struct points *p = &c->points[class_of(row)];
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
        else if (k == UNSAID)
            snprintf(c->label[k], 64, "%s, level unknown: %zu", c->lane, p->count);
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
    char title[128];
    size_t curves = add_roofs(c, curve);
    const bool roofed = curves > 0;
    curves += add_points(c, curve + curves);
    snprintf(title, sizeof title, "%s, %d thread%s%s%s", c->lane, c->threads,
             c->threads == 1 ? "" : "s", c->r->sides > 1 ? ", side " : "",
             c->r->sides > 1 ? c->r->side[c->side].name : "");
    html_figure(
        out,
        svg_lines(&(struct svg_lines){.title = title,
                                      .x = {"operations per byte of operands", true, 0.0, 0.0},
                                      .y = {"GFLOP/s", true, 0.0, 0.0},
                                      .curve = curve,
                                      .curves = curves,
                                      .bare = true}),
        title, roofed ? NULL : "No file measured the roofs of this lane and number of threads.");
    if (c->without)
        fprintf(out, "<p>%zu rows of this lane count no operations: they have no place here.</p>\n",
                c->without);
}

static void chart(FILE *out, const struct report *r, const struct report_entry **entry, size_t n)
{
    struct chart c = {.r = r,
                      .entry = entry,
                      .entries = n,
                      .side = entry[0]->side,
                      .threads = entry[0]->row->threads,
                      .lane = lane_of(entry[0]->row),
                      .lo = HUGE_VAL,
                      .hi = 0.0};
    if (make_points(&c) && c.lo < c.hi) draw(out, &c);
    for (int k = 0; k < CLASSES; k++) {
        free(c.points[k].x);
        free(c.points[k].y);
        free(c.points[k].names);
    }
}

static int compare_charts(const void *a, const void *b)
{
    const struct report_entry *x = *(const struct report_entry *const *)a;
    const struct report_entry *y = *(const struct report_entry *const *)b;
    if (x->side != y->side) return x->side < y->side ? -1 : 1;
    if (x->row->threads != y->row->threads) return x->row->threads < y->row->threads ? -1 : 1;
    return strcmp(lane_of(x->row), lane_of(y->row));
}

void html_roofline(FILE *out, const struct report *r)
{
    const struct report_entry **entry = malloc((r->entries + 1) * sizeof *entry);
    size_t n = 0, with_place = 0;
    for (size_t i = 0; entry && i < r->entries; i++) {
        if (r->entry[i].row->state != READ_TIMED) continue;
        with_place += has_place(r->entry[i].row);
        entry[n++] = &r->entry[i];
    }
    if (with_place) {
        fputs(
            "<p>Every row that was timed, under the roofs of its lane. A point has the colour of "
            "the roof "
            "of loads that its data comes under; point at one for its name. oneDNN stands with the "
            "lane that it may use, scalar code with avx2.</p>\n<div class=\"pair\">\n",
            out);
        qsort(entry, n, sizeof *entry, compare_charts);
        for (size_t from = 0, end; from < n; from = end) {
            for (end = from + 1; end < n && compare_charts(&entry[from], &entry[end]) == 0;) end++;
            chart(out, r, entry + from, end - from);
        }
        fputs("</div>\n", out);
    } else {
        fputs("<p>No row counts operations and bytes.</p>\n", out);
    }
    free(entry);
}
