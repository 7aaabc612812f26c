#include "html_map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"

enum { SHADES = 12, SIDES_OF_ONE = 4, CELLS_MOST = 4096, LEAST_ROWS = 4, CLASS_ROOM = 24 };

struct quantity {
    const char *name;
    double (*of)(const struct report *r, const struct report_entry *e);
    const char *(*print)(double v, char text[24]);
    /* Colours part at 1; otherwise they go from the least to the greatest, of logarithms unless `linear`. */
    bool about_one, linear;
};

double map_shape(const struct report_entry *e, const char *name)
{
    return report_number(e->row, "shape", name);
}

/* ---- what a cell can show */

static double time_of(const struct report *r, const struct report_entry *e)
{
    (void)r;
    return e->row->median;
}

static double ratio_of(const struct report *r, const struct report_entry *e)
{
    (void)r;
    return e->row->vs_onednn.at;
}

static double error_of(const struct report *r, const struct report_entry *e)
{
    (void)r;
    return report_number(e->row, NULL, "bound_used");
}

static double subnormal_of(const struct report *r, const struct report_entry *e)
{
    (void)r;
    const double share = report_number(e->row, "signal", "subnormal");
    return share >= 0.0 && share <= 1.0 ? share : NAN;
}

/* What FTZ and DAZ save: the time without over the time with them. */
static double ftz_of(const struct report *r, const struct report_entry *e)
{
    char name[1100];
    snprintf(name, sizeof name, "%.1024s+ftz", e->row->name);
    const struct report_entry *with = report_find(r, e->side, name);
    return with ? e->row->median / with->row->median : NAN;
}

static const char *print_share(double v, char text[24])
{
    if (v > 0.0 && v < 1e-4)
        snprintf(text, 24, "<0.01 %%");
    else
        snprintf(text, 24, "%.*f %%", v == 0.0 ? 0 : v < 0.1 ? 2 : 1, 100.0 * v);
    return text;
}

enum { TIME, RATIO, FTZ, ERROR, SUBNORMAL, QUANTITIES };
static const struct quantity quantity[QUANTITIES] = {
    {"median time", time_of, html_time, false, false},
    {"times as fast as oneDNN", ratio_of, html_ratio, true, false},
    {"time over that with FTZ and DAZ", ftz_of, html_ratio, true, false},
    {"share used of the error bound", error_of, html_ratio, false, false},
    {"share of subnormal values", subnormal_of, print_share, false, true}};

/* ---- axes */

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t sort_once(double *x, size_t n)
{
    size_t kept = 0;
    qsort(x, n, sizeof *x, by_value);
    for (size_t i = 0; i < n; i++)
        if (!kept || x[i] != x[kept - 1]) x[kept++] = x[i];
    return kept;
}

static size_t place(const double *axis, size_t n, double v)
{
    const double *found = bsearch(&v, axis, n, sizeof *axis, by_value);
    return (size_t)(found - axis); /* each value is one of the axis */
}

/* False where two rows have the same place: something else tells them apart, and they make no map. */
static bool place_all(struct map *m)
{
    m->cell = calloc(m->depths * m->widths * m->scales, sizeof *m->cell);
    for (size_t i = 0; m->cell && i < m->entries; i++) {
        const size_t s = place(m->scale, m->scales, m->entry[i]->row->scale);
        const size_t d = place(m->depth, m->depths, map_shape(m->entry[i], "depth"));
        const size_t w = place(m->width, m->widths, map_shape(m->entry[i], "n"));
        const struct report_entry **cell = &m->cell[(s * m->depths + d) * m->widths + w];
        if (*cell) return false;
        *cell = m->entry[i];
    }
    return m->cell != NULL;
}

bool map_place(struct map *m)
{
    m->depth = malloc(m->entries * sizeof *m->depth);
    m->width = malloc(m->entries * sizeof *m->width);
    m->scale = malloc(m->entries * sizeof *m->scale);
    if (!m->depth || !m->width || !m->scale) return false;
    for (size_t i = 0; i < m->entries; i++) {
        m->depth[i] = map_shape(m->entry[i], "depth");
        m->width[i] = map_shape(m->entry[i], "n");
        m->scale[i] = m->entry[i]->row->scale;
    }
    m->depths = sort_once(m->depth, m->entries);
    m->widths = sort_once(m->width, m->entries);
    m->scales = sort_once(m->scale, m->entries);
    /* A few rows far from one another are no map. As doubles the product cannot overflow. */
    const double cells = (double)m->depths * (double)m->widths * (double)m->scales;
    return m->entries >= LEAST_ROWS && m->depths * m->widths > 1 && cells <= CELLS_MOST &&
           cells <= 4.0 * (double)m->entries && place_all(m);
}

/* ---- one map */

struct range {
    double lo, hi;
    size_t values;
};

static struct range range_of(const struct map *m, const struct quantity *q)
{
    struct range range = {HUGE_VAL, -HUGE_VAL, 0};
    for (size_t i = 0; i < m->entries; i++) {
        const double v = q->of(m->r, m->entry[i]);
        if (!isfinite(v)) continue;
        range.lo = fmin(range.lo, v);
        range.hi = fmax(range.hi, v);
        range.values++;
    }
    return range;
}

/* Classes h0 to h11 from dark to light; r0 to r8 from a half through 1, r4, to twice. */
static void shade(const struct quantity *q, struct range range, double v, char class[CLASS_ROOM])
{
    const bool logs = !q->linear && range.lo > 0.0;
    if (q->about_one) {
        const long step = lround(fmin(fmax(4.0 * log2(v), -SIDES_OF_ONE), SIDES_OF_ONE));
        snprintf(class, CLASS_ROOM, "r%ld", SIDES_OF_ONE + step);
        return;
    }
    const double lo = logs ? log(range.lo) : range.lo, hi = logs ? log(range.hi) : range.hi;
    const double share = hi > lo ? ((logs ? log(v) : v) - lo) / (hi - lo) : 0.5;
    snprintf(class, CLASS_ROOM, "h%u",
             (unsigned)fmin(SHADES - 1, fmax(0.0, share * SHADES)) % SHADES);
}

static void cell(FILE *out, const struct map *m, const struct quantity *q, struct range range,
                 const struct report_entry *e)
{
    const double v = e ? q->of(m->r, e) : NAN;
    char class[CLASS_ROOM], text[24];
    if (!isfinite(v) || (q->about_one && v <= 0.0)) {
        fputs("<td>\u2013</td>", out);
        return;
    }
    shade(q, range, v, class);
    html_cell(out, class, q->print(v, text));
}

static void map_head(FILE *out, const struct map *m, const char *caption)
{
    html_frame(out, caption);
    fputs("<table class=\"map\"><caption>", out);
    html_text(out, caption);
    fputs("</caption>\n<thead><tr><th scope=\"col\" rowspan=\"2\">scale</th>", out);
    for (size_t d = 0; d < m->depths; d++)
        fprintf(out, "<th scope=\"colgroup\" colspan=\"%zu\">depth %.6g</th>", m->widths,
                m->depth[d]);
    fputs("</tr>\n<tr>", out);
    for (size_t d = 0; d < m->depths; d++)
        for (size_t w = 0; w < m->widths; w++)
            fprintf(out, "<th scope=\"col\">%.6g</th>", m->width[w]);
    fputs("</tr></thead>\n<tbody>\n", out);
}

static const char *title_of(const struct map *m, const struct quantity *q)
{
    return q == &quantity[SUBNORMAL] ? "all lanes" : m->entry[0]->row->variant;
}

/* Colours would tell nothing of it. */
static bool is_flat(const struct quantity *q, struct range range)
{
    return range.lo == range.hi || (q->about_one && range.lo > 0.95 && range.hi < 1.05);
}

static void draw(FILE *out, const struct map *m, const struct quantity *q, struct range range)
{
    char lo[24], hi[24];
    char *caption = html_format("%s, batch %.6g: %s, %s to %s", title_of(m, q), m->batch, q->name,
                                q->print(range.lo, lo), q->print(range.hi, hi));
    map_head(out, m, caption ? caption : q->name);
    for (size_t s = 0, at = 0; s < m->scales; s++) {
        fprintf(out, "<tr><th scope=\"row\">%.6g</th>", m->scale[s]);
        for (size_t c = 0; c < m->depths * m->widths; c++) cell(out, m, q, range, m->cell[at++]);
        fputs("</tr>\n", out);
    }
    html_table_end(out);
    free(caption);
}

static void say_flat(FILE *out, const struct map *m, const struct quantity *q, struct range range)
{
    char lo[24], hi[24];
    char *text = html_format("<p>%s, batch %.6g: %s%s%s in all %zu cells.</p>\n", q->name, m->batch,
                             q->print(range.lo, lo), range.lo < range.hi ? " to " : "",
                             range.lo < range.hi ? q->print(range.hi, hi) : "", range.values);
    if (text) fputs(text, out); /* nothing in it is from a file */
    free(text);
}

/* Maps two by two, then in words what is the same everywhere. */
void map_draw(FILE *out, const struct map *m, bool leads)
{
    struct range range[QUANTITIES];
    fputs("<div class=\"pair\">\n", out);
    for (int q = 0; q < QUANTITIES; q++) {
        range[q] = range_of(m, &quantity[q]);
        if (!leads && q == SUBNORMAL) range[q].values = 0;
        if (range[q].values && !is_flat(&quantity[q], range[q]))
            draw(out, m, &quantity[q], range[q]);
    }
    fputs("</div>\n", out);
    for (int q = 0; q < QUANTITIES; q++)
        if (range[q].values && is_flat(&quantity[q], range[q]))
            say_flat(out, m, &quantity[q], range[q]);
}

void map_free(struct map *m)
{
    free(m->depth);
    free(m->width);
    free(m->scale);
    free(m->cell);
}
