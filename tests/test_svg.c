/* svg: ticks, ranges and numbers, and figures of what is hard to draw. Their XML is read by a parser in
 * studies.py; here a reader of its own sees that tags close and nothing unescaped is left. */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/svg_draw.h"

static int failures;

__attribute__((format(printf, 2, 3))) static void is(bool truth, const char *what, ...)
{
    if (truth) return;
    va_list args;
    va_start(args, what);
    fputs("not so: ", stderr);
    vfprintf(stderr, what, args);
    fputc('\n', stderr);
    va_end(args);
    failures++;
}

/* ---- ticks */

/* "0 0.5 1", powers as 10^-3. */
static void labels(char text[1024], double lo, double hi, bool logarithmic, size_t most)
{
    struct svg_range range = {0};
    const struct svg_axis axis = {"", logarithmic, lo, hi};
    struct svg_tick tick[SVG_TICKS];
    size_t used = 0;
    svg_range_settle(&range, &axis);
    const size_t count = svg_ticks(&range, most, tick);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const struct svg_number *n = &tick[i].label;
        is(tick[i].at >= lo - 1e-6 * (hi - lo) && tick[i].at <= hi + 1e-6 * (hi - lo),
           "tick %g within [%g, %g]", tick[i].at, lo, hi);
        is(i == 0 || tick[i].at > tick[i - 1].at, "ticks rise in [%g, %g]", lo, hi);
        if (n->text[0])
            used += (size_t)snprintf(text + used, 1024 - used, "%s%s%s%s", used ? " " : "", n->text,
                                     *n->power ? "^" : "", n->power);
    }
}

static void ticks(void)
{
    const struct {
        double lo, hi;
        bool log;
        const char *want;
    } row[] = {
        {0.0, 1.0, false, "0 0.2 0.4 0.6 0.8 1.0"},
        {0.0, 10.0, false, "0 2 4 6 8 10"},
        {-1.0, 1.0, false, "−1.0 −0.5 0 0.5 1.0"},
        {0.0, 200.0, false, "0 50 100 150 200"},
        {0.0, 4e-7, false, "0 10^−7 2×10^−7 3×10^−7 4×10^−7"},
        {1.0, 1.0000001, false,
         "1.00000000 1.00000002 1.00000004 1.00000006 1.00000008 1.00000010"},
        {0.0, 3e9, false, "0 5×10^8 10^9 1.5×10^9 2×10^9 2.5×10^9 3×10^9"},
        {1.0, 1000.0, true, "1 10 100 1000"},
        {1.0, 50.0, true, "1 2 5 10 20 50"},
        {1.0, 8.0, true, "1 2 5"},
        {1.5, 160.0, true, "2 5 10 20 50 100"},
        {2e-4, 90.0, true, "0.001 0.01 0.1 1 10"},
        {2e-4, 9e3, true, "0.01 1 100"},
        {2.0, 9.0, true, "2 4 6 8"},
        {0.6, 0.95, true, "0.6 0.7 0.8 0.9"},
        {1e-7, 1e-3, true, "10^−7 10^−6 10^−5 10^−4 10^−3"},
    };
    char text[1024];
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        labels(text, row[i].lo, row[i].hi, row[i].log, 6);
        is(strcmp(text, row[i].want) == 0, "ticks of [%g, %g]%s are '%s', want '%s'", row[i].lo,
           row[i].hi, row[i].log ? " log" : "", text, row[i].want);
    }
    labels(text, 1e-300, 1e300, true, 6);
    is(strlen(text) < 120, "few labels over 600 decades: %s", text);
    is(strstr(text, "10^−2") && strstr(text, " 10^2"), "over all of them: %s", text);
}

static void numbers(void)
{
    const struct {
        double v;
        int digits;
        const char *text, *power;
    } row[] = {{0.0, 3, "0", ""},        {2048.0, 6, "2048", ""},
               {2048.0, 3, "2050", ""},  {0.0123456, 3, "0.0123", ""},
               {-1.5, 3, "−1.5", ""},    {9.999, 3, "10", ""},
               {1e-9, 3, "10", "−9"},    {-2.5e12, 3, "−2.5×10", "12"},
               {NAN, 3, "–", ""},        {INFINITY, 3, "–", ""},
               {DBL_MAX, 3, "–", ""},    {1e300, 3, "10", "300"},
               {1e-300, 3, "10", "−300"}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const struct svg_number n = svg_value(row[i].v, row[i].digits);
        is(strcmp(n.text, row[i].text) == 0 && strcmp(n.power, row[i].power) == 0,
           "%g is '%s^%s', want '%s^%s'", row[i].v, n.text, n.power, row[i].text, row[i].power);
    }
}

/* ---- figures */

/* Tags close in order, and no & or < stands for itself. */
static void well_formed(const char *what, const char *text)
{
    char open[32][16];
    size_t depth = 0;
    for (const char *c = text; *c; c++) {
        if (*c == '&')
            is(!strncmp(c, "&amp;", 5) || !strncmp(c, "&lt;", 4) || !strncmp(c, "&gt;", 4) ||
                   !strncmp(c, "&quot;", 6),
               "%s: '&' is escaped", what);
        is(*c == '\n' || (unsigned char)*c >= ' ', "%s: no control characters", what);
        if (*c != '<') continue;
        const char *end = strchr(c, '>');
        const size_t name = strspn(c + 1, "/abcdefghijklmnopqrstuvwxyz");
        if (!end || name >= 16 || depth == 32) {
            is(false, "%s: a tag", what);
            return;
        }
        if (c[1] == '/')
            is(depth > 0 && strncmp(open[--depth], c + 2, name - 1) == 0, "%s: '%.10s' closes",
               what, c);
        else if (end[-1] != '/')
            snprintf(open[depth++], 16, "%.*s", (int)name, c + 1);
        c = end;
    }
    is(depth == 0, "%s: all tags close", what);
    is(!strstr(text, "nan") && !strstr(text, "inf") && !strstr(text, "href"), "%s: finite", what);
}

static size_t count_of(const char *text, char c)
{
    size_t count = 0;
    for (; *text; text++) count += *text == c;
    return count;
}

/* The data of the first line of the figure. */
static void line_of(const char *svg, char data[512])
{
    const char *at = strstr(svg, "<path class=\"l\" d=\"");
    data[0] = '\0';
    if (at) snprintf(data, 512, "%.*s", (int)strcspn(at + 19, "\""), at + 19);
}

static char *draw(const double *x, const double *y, size_t count, bool logarithmic)
{
    const struct svg_curve curve = {
        .label = "a < b & \"c\"", .x = x, .y = y, .lo = y, .hi = y, .count = count};
    return svg_lines(&(struct svg_lines){.title = "<title> & more\x01",
                                         .x = {"x", logarithmic, 0.0, 0.0},
                                         .y = {"y", logarithmic, 0.0, 0.0},
                                         .curve = &curve,
                                         .curves = 1});
}

static void hard_to_draw(void)
{
    const double three[] = {1.0, 2.0, 3.0};
    const struct {
        const char *what;
        double y[3];
        size_t count;
        bool log;
        size_t moves, lines; /* of the path */
    } row[] = {
        {"three points", {1.0, 2.0, 3.0}, 3, false, 1, 2},
        {"a NaN breaks the line", {1.0, NAN, 3.0}, 3, false, 2, 0},
        {"an infinity at the end", {1.0, 2.0, INFINITY}, 3, false, 1, 1},
        {"nothing that is finite", {NAN, -INFINITY, NAN}, 3, false, 0, 0},
        {"a constant", {5.0, 5.0, 5.0}, 3, false, 1, 2},
        {"a constant of zeros", {0.0, 0.0, 0.0}, 3, false, 1, 2},
        {"a constant, logarithmic", {5.0, 5.0, 5.0}, 3, true, 1, 2},
        {"a single point", {7.0}, 1, false, 1, 0},
        {"no point", {0.0}, 0, false, 0, 0},
        {"no point, logarithmic", {0.0}, 0, true, 0, 0},
        {"huge", {-1e300, 1e300, 0.0}, 3, false, 1, 2},
        {"beyond what is drawn", {DBL_MAX, 1.0, -DBL_MAX}, 3, false, 1, 0},
        {"tiny", {1e-300, 2e-300, 3e-300}, 3, false, 1, 2},
        {"subnormal", {0.0, DBL_TRUE_MIN, 0.0}, 3, false, 1, 2},
        {"huge and tiny, logarithmic", {1e-300, 1.0, 1e300}, 3, true, 1, 2},
        {"nearly constant", {1.0, 1.0 + 1e-15, 1.0}, 3, false, 1, 2},
        {"0 and less, logarithmic", {0.0, -1.0, 2.0}, 3, true, 1, 0},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char data[512];
        char *svg = draw(three, row[i].y, row[i].count, row[i].log);
        is(svg != NULL, "%s: drawn", row[i].what);
        if (!svg) continue;
        well_formed(row[i].what, svg);
        line_of(svg, data);
        is(count_of(data, 'M') == row[i].moves && count_of(data, 'L') == row[i].lines,
           "%s: '%s' has %zu moves and %zu lines", row[i].what, data, row[i].moves, row[i].lines);
        is(!strstr(data, "99999"), "%s: within the picture: %s", row[i].what, data);
        is(strlen(svg) < 6000, "%s: %zu bytes", row[i].what, strlen(svg));
        free(svg);
    }
    char *svg = draw(three, three, 3, false);
    is(strstr(svg, "&lt;title&gt; &amp; more ") && strstr(svg, "a &lt; b &amp; &quot;c&quot;"),
       "text is escaped");
    free(svg);
}

static void heat_maps(void)
{
    const double at[] = {1.0, 2.0, 4.0}, z[] = {1.0, NAN, 3.0, -1.0, 5.0, 6.0, 0.0, 8.0, INFINITY};
    const double same[] = {2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0};
    const struct {
        const char *what;
        const double *z;
        size_t columns, rows;
        bool log;
        size_t gaps;
    } row[] = {{"nine cells", z, 3, 3, false, 2},   {"nine cells, logarithmic", z, 3, 3, true, 4},
               {"one value", same, 3, 3, false, 0}, {"one cell", same, 1, 1, true, 0},
               {"no value", z + 1, 1, 1, false, 1}, {"no cell", z, 0, 0, false, 0}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char *svg = svg_heat(&(struct svg_heat){.title = "heat",
                                                .x = {.label = "depth"},
                                                .y = {.label = "width"},
                                                .z = {.label = "share", .log = row[i].log},
                                                .at_x = at,
                                                .at_y = at,
                                                .at_z = row[i].z,
                                                .columns = row[i].columns,
                                                .rows = row[i].rows});
        is(svg != NULL, "%s: drawn", row[i].what);
        if (!svg) continue;
        well_formed(row[i].what, svg);
        const char *gaps = strstr(svg, "<path class=\"x\"");
        size_t count = 0;
        for (const char *c = gaps; c && *c != '>'; c++) count += *c == 'M';
        is(count == row[i].gaps, "%s: %zu gaps, want %zu", row[i].what, count, row[i].gaps);
        is(!strstr(svg, "struck out") == !row[i].gaps, "%s: gaps are explained", row[i].what);
        free(svg);
    }
}

static size_t times_in(const char *text, const char *part)
{
    size_t times = 0;
    for (; (text = strstr(text, part)); text += strlen(part)) times++;
    return times;
}

static void dots(void)
{
    static const char *const kind[] = {"one", "other"};
    const struct {
        const char *what;
        struct svg_dot dot[2];
        size_t dots, rows, marks, intervals; /* marks without the legend's two */
    } row[] = {{"a value and its interval", {{2.0, 1.0, 3.0, 0}}, 1, 1, 1, 1},
               {"two in a row", {{2.0, 1.0, 3.0, 0}, {4.0, NAN, NAN, 1}}, 2, 1, 2, 1},
               {"nothing to draw", {{NAN, 1.0, 2.0, 0}}, 1, 1, 0, 0},
               {"0, logarithmic", {{0.0, 0.0, 1.0, 0}}, 1, 1, 0, 0},
               {"an interval without an end", {{2.0, 0.0, INFINITY, 0}}, 1, 1, 1, 1},
               {"a backward interval", {{2.0, 3.0, 1.0, 0}}, 1, 1, 1, 0},
               {"huge", {{1e300, 1.0, DBL_MAX, 0}}, 1, 1, 1, 1},
               {"no row", {{2.0, 1.0, 3.0, 0}}, 1, 0, 0, 0}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const struct svg_dot_row line = {
            "a < b & a label that has no end, none at all, and goes on "
            "and on to the edge of the figure",
            NULL, row[i].dot, row[i].dots};
        char *svg = svg_dots(&(struct svg_dots){.title = "dots",
                                                .x = {"ratio", true, 0.0, 0.0},
                                                .reference = 1.0,
                                                .below = "less",
                                                .above = "more",
                                                .kind = kind,
                                                .kinds = 2,
                                                .row = &line,
                                                .rows = row[i].rows});
        is(svg != NULL, "%s: drawn", row[i].what);
        if (!svg) continue;
        well_formed(row[i].what, svg);
        is(times_in(svg, "class=\"m\"") == row[i].marks + 2, "%s: %zu marks", row[i].what,
           times_in(svg, "class=\"m\"") - 2);
        is(times_in(svg, "class=\"l\"") == row[i].intervals, "%s: %zu intervals", row[i].what,
           times_in(svg, "class=\"l\""));
        is(times_in(svg, "\u2026</text>") == row[i].rows, "%s: a long label is cut", row[i].what);
        is(times_in(svg, "to the edge of the figure</title>") == row[i].rows, "%s: but told whole",
           row[i].what);
        free(svg);
    }
}

/* Names of points, and a page that has the style already. */
static void on_a_page(void)
{
    const double x[] = {1.0, NAN, 3.0};
    const char *const names[] = {"first", "second", "<third>"};
    const struct svg_curve curve = {
        .style = SVG_POINTS, .x = x, .y = x, .count = 3, .names = names};
    char *svg = svg_lines(&(struct svg_lines){.title = "names",
                                              .x = {.label = "x"},
                                              .y = {.label = "y"},
                                              .curve = &curve,
                                              .curves = 1,
                                              .bare = true});
    is(svg && !strstr(svg, "<style>"), "a bare figure has no style");
    if (!svg) return;
    well_formed("names", svg);
    is(strstr(svg, "<title>first</title>") && strstr(svg, "<title>&lt;third&gt;</title>") &&
           !strstr(svg, "second"),
       "points that are drawn have their names");
    free(svg);
}

/* What was cut within a character is left out; a title is not cut there. */
static void half_characters(void)
{
    char title[400] = "";
    for (size_t i = 0; i < 100; i++) strcat(title, "\u20ac");
    const double x[] = {1.0, 2.0};
    const struct svg_curve curve = {.label = "\xe2\x82", .x = x, .y = x, .count = 2};
    char *svg = svg_lines(&(struct svg_lines){.title = title,
                                              .x = {.label = "x\xf0\x9f"},
                                              .y = {.label = "\x80y"},
                                              .curve = &curve,
                                              .curves = 1});
    is(svg && strstr(svg, ">x</text>") && strstr(svg, ">y</text>"), "labels without their halves");
    for (const char *c = svg; c && *c; c++)
        if ((unsigned char)*c >= 0x80u && strncmp(c, "\u20ac", 3) == 0)
            c += 2;
        else
            is((unsigned char)*c < 0x80u, "no half of a character at '%.20s'", c);
    free(svg);
}

/* Where a comma is the point, figures have points all the same. */
static void locales(void)
{
    const double x[] = {0.25, 0.5, 0.75};
    char *before = draw(x, x, 3, false);
    if (setlocale(LC_ALL, "de_DE.UTF-8") || setlocale(LC_ALL, "fr_FR.UTF-8")) {
        char *svg = draw(x, x, 3, false);
        is(svg && before && strcmp(svg, before) == 0, "the locale changes nothing");
        free(svg);
        setlocale(LC_ALL, "C");
    }
    free(before);
}

int main(void)
{
    ticks();
    numbers();
    hard_to_draw();
    heat_maps();
    dots();
    on_a_page();
    half_characters();
    locales();
    return failures ? 2 : 0;
}
