/* Studies: each claim with its verdict, refuted ones as loud as confirmed, and the figures, drawn from their series. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "read_study.h"
#include "report.h"
#include "svg.h"

/* ---- claims */

static void bounds_cell(FILE *out, const json_t *claim)
{
    const json_t *expected = json_object_get(claim, "expected");
    const double lo = read_study_number(expected, "lo"), hi = read_study_number(expected, "hi");
    fputs("<td class=\"t\">", out);
    if (isfinite(lo) && isfinite(hi) && lo == hi) {
        html_number(out, lo, 4);
    } else if (isfinite(lo) && isfinite(hi)) {
        html_number(out, lo, 4);
        fputs(" to ", out);
        html_number(out, hi, 4);
    } else if (isfinite(lo) || isfinite(hi)) {
        fputs(isfinite(lo) ? "at least " : "at most ", out);
        html_number(out, isfinite(lo) ? lo : hi, 4);
    } else {
        fputs("finite", out);
    }
    fputs("</td>", out);
}

static void measured_cell(FILE *out, const json_t *claim)
{
    const json_t *interval = json_object_get(claim, "interval");
    const double lo = read_study_number(interval, "lo"), hi = read_study_number(interval, "hi");
    fputs("<td>", out);
    html_number(out, read_study_number(claim, "measured"), 4);
    if (isfinite(lo) && isfinite(hi)) {
        fputs(" [", out);
        html_number(out, lo, 4);
        fputs(", ", out);
        html_number(out, hi, 4);
        fputc(']', out);
    }
    fputs("</td>", out);
}

static void verdict_cell(FILE *out, const json_t *claim)
{
    const char *verdict = read_study_text(claim, "verdict");
    const bool refuted = strcmp(verdict, "refuted") == 0;
    fprintf(out, "<td class=\"t\"><span class=\"badge %s\">%s</span></td>",
            refuted                             ? "slow"
            : strcmp(verdict, "confirmed") == 0 ? "fast"
                                                : "even",
            refuted                             ? "refuted"
            : strcmp(verdict, "confirmed") == 0 ? "confirmed"
                                                : "out of reach");
}

static void claim_row(FILE *out, const json_t *claim)
{
    html_row(out, read_study_text(claim, "id"));
    verdict_cell(out, claim);
    fputs("<td class=\"p\">", out);
    html_text(out, read_study_text(claim, "claim"));
    fputs(" <i>(", out);
    html_text(out, read_study_text(claim, "source"));
    fputs(")</i></td>", out);
    bounds_cell(out, claim);
    measured_cell(out, claim);
    html_number_cell(out, read_study_number(claim, "samples"), 6);
    html_cell(out, "p", read_study_text(claim, "note"));
    fputs("</tr>\n", out);
}

static void claims(FILE *out, const json_t *root)
{
    static const char *const head[] = {"claim",     "verdict", "what it says", "expected",
                                       "#measured", "#draws",  "note"};
    char *caption = html_format("Claims of %s, size %s", read_study_text(root, "study"),
                                read_study_text(root, "size"));
    const json_t *claim;
    size_t i;
    html_table(out, &(struct html_table){caption ? caption : "Claims", head,
                                         sizeof head / sizeof *head, true});
    json_array_foreach(json_object_get(root, "claims"), i, claim) claim_row(out, claim);
    html_table_end(out);
    free(caption);
}

static void verdicts(FILE *out, const json_t *root)
{
    static const char *const name[] = {"refuted", "out_of_reach", "confirmed"};
    static const char *const says[] = {"refuted", "out of reach", "confirmed"};
    static const char *const class[] = {"slow", "even", "fast"};
    const json_t *claim;
    size_t i;
    fputs("<p>", out);
    for (int v = 0; v < 3; v++) {
        size_t n = 0;
        char ids[512] = "";
        size_t used = 0;
        json_array_foreach(json_object_get(root, "claims"), i, claim)
        {
            if (strcmp(read_study_text(claim, "verdict"), name[v]) != 0) continue;
            n++;
            if (used < sizeof ids - 64)
                used += (size_t)snprintf(ids + used, 64, "%s%.20s", used ? ", " : ": ",
                                         read_study_text(claim, "id"));
        }
        if (n == 0 && v == 1) continue;
        fprintf(out, "%s<span class=\"badge %s\">%zu %s</span>", v ? " " : "", class[v], n,
                says[v]);
        if (v < 2) html_text(out, ids);
    }
    fputs("</p>\n", out);
}

/* ---- figures */

static double *values(const json_t *list)
{
    double *x = list ? malloc((json_array_size(list) + 1) * sizeof *x) : NULL;
    for (size_t i = 0; x && i < json_array_size(list); i++) {
        const json_t *value = json_array_get(list, i);
        x[i] = json_is_number(value) ? json_number_value(value) : NAN;
    }
    return x;
}

/* label: where the file gives none; may be NULL. */
static struct svg_axis axis_of(const json_t *figure, const char *name, const char *label)
{
    const json_t *axis = json_object_get(figure, name);
    const double lo = read_study_number(axis, "lo"), hi = read_study_number(axis, "hi");
    const char *own = json_string_value(json_object_get(axis, "label"));
    return (struct svg_axis){own ? own : label, json_is_true(json_object_get(axis, "log")),
                             isfinite(lo) ? lo : 0.0, isfinite(hi) ? hi : 0.0};
}

static char *heat_svg(const json_t *figure)
{
    double *x = values(json_object_get(json_object_get(figure, "x"), "values"));
    double *y = values(json_object_get(json_object_get(figure, "y"), "values"));
    double *z = values(json_object_get(json_object_get(figure, "z"), "values"));
    char *svg = x && y && z
                    ? svg_heat(&(struct svg_heat){.title = read_study_text(figure, "title"),
                                                  .x = axis_of(figure, "x", ""),
                                                  .y = axis_of(figure, "y", ""),
                                                  .z = axis_of(figure, "z", ""),
                                                  .at_x = x,
                                                  .at_y = y,
                                                  .at_z = z,
                                                  .columns = read_study_axis_values(figure, "x"),
                                                  .rows = read_study_axis_values(figure, "y"),
                                                  .bare = true})
                    : NULL;
    free(x);
    free(y);
    free(z);
    return svg;
}

static char *axis_label(const json_t *series, const char *axis)
{
    char name[16], unit[16];
    snprintf(name, sizeof name, "%s_name", axis);
    snprintf(unit, sizeof unit, "%s_unit", axis);
    const char *units = read_study_text(series, unit);
    return html_format("%s%s%s", read_study_text(series, name), *units ? ", " : "", units);
}

static struct svg_curve curve_of(const json_t *root, const json_t *json)
{
    const json_t *series = read_study_series(root, read_study_text(json, "series"));
    const char *style = read_study_text(json, "style");
    const json_int_t colour = json_integer_value(json_object_get(json, "colour"));
    return (struct svg_curve){.label = json_string_value(json_object_get(json, "label")),
                              .style = strcmp(style, "points") == 0      ? SVG_POINTS
                                       : strcmp(style, "reference") == 0 ? SVG_REFERENCE
                                                                         : SVG_LINE,
                              .colour = colour > 0 && colour < 1000 ? (size_t)colour : 0,
                              .x = values(json_object_get(series, "x")),
                              .y = values(json_object_get(series, "y")),
                              .lo = values(json_object_get(series, "lo")),
                              .hi = values(json_object_get(series, "hi")),
                              .count = json_array_size(json_object_get(series, "x"))};
}

static char *lines_svg(const json_t *root, const json_t *figure)
{
    const json_t *list = json_object_get(figure, "curves"), *json;
    const json_t *first =
        read_study_series(root, read_study_text(json_array_get(list, 0), "series"));
    const size_t curves = json_array_size(list);
    struct svg_curve *curve = calloc(curves, sizeof *curve);
    char *x_name = axis_label(first, "x"), *y_name = axis_label(first, "y"), *svg = NULL;
    bool whole = curve && x_name && y_name;
    size_t i;
    json_array_foreach(list, i, json)
    {
        if (!curve) break;
        curve[i] = curve_of(root, json);
        whole = whole && curve[i].x && curve[i].y;
    }
    if (whole)
        svg = svg_lines(&(struct svg_lines){.title = read_study_text(figure, "title"),
                                            .x = axis_of(figure, "x", x_name),
                                            .y = axis_of(figure, "y", y_name),
                                            .curve = curve,
                                            .curves = curves,
                                            .bare = true});
    for (i = 0; curve && i < curves; i++) {
        free((double *)curve[i].x);
        free((double *)curve[i].y);
        free((double *)curve[i].lo);
        free((double *)curve[i].hi);
    }
    free(curve);
    free(x_name);
    free(y_name);
    return svg;
}

static void figures(FILE *out, const json_t *root)
{
    const json_t *figure;
    size_t i;
    if (json_array_size(json_object_get(root, "figures")) == 0) return;
    fputs("<div class=\"pair\">\n", out);
    json_array_foreach(json_object_get(root, "figures"), i, figure)
    {
        const bool heat = strcmp(read_study_text(figure, "kind"), "heat") == 0;
        html_figure(out, heat ? heat_svg(figure) : lines_svg(root, figure),
                    read_study_text(figure, "title"), NULL);
    }
    fputs("</div>\n", out);
}

static void study(FILE *out, const struct report_study *s)
{
    const double took = read_study_number(s->root, "seconds");
    char seconds[24] = "";
    fputs("<h3>", out);
    html_text(out, read_study_text(s->root, "study"));
    fputs(", size ", out);
    html_text(out, read_study_text(s->root, "size"));
    fputs("</h3>\n<p>", out);
    html_text(out, read_study_text(s->root, "source"));
    if (isfinite(took)) snprintf(seconds, sizeof seconds, "%.0f s ", fmin(took, 1e9));
    fprintf(out, ". %son ", seconds);
    html_text(out, read_study_text(json_object_get(s->root, "machine"), "cpu"));
    fputs(", lane ", out);
    html_text(out, read_study_text(s->root, "isa"));
    fputs(", ", out);
    html_text(out, read_study_text(s->root, "started"));
    fputs(json_is_true(json_object_get(s->root, "interrupted")) ? "; interrupted" : "", out);
    fputs(".</p>\n", out);
    verdicts(out, s->root);
    claims(out, s->root);
    figures(out, s->root);
}

void html_studies(FILE *out, const struct report *r)
{
    if (!r->studies) {
        fputs("<p>No file of a study.</p>\n", out);
        return;
    }
    fputs(
        "<p>Each claim of a paper stands with the bounds that its number had to lie in, set before "
        "anything was measured.</p>\n",
        out);
    for (size_t i = 0; i < r->studies; i++) study(out, &r->study[i]);
}
