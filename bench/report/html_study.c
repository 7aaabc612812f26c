/* Studies: each claim with its verdict, refuted ones as loud as confirmed, and the figures, drawn from their series. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report.h"
#include "svg.h"

static const char *text_of(const json_t *from, const char *name)
{
    const char *text = json_string_value(json_object_get(from, name));
    return text ? text : "";
}

static double number_of(const json_t *from, const char *name)
{
    const json_t *value = json_object_get(from, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* ---- is it a study? */

static enum status bad(const struct report_study *study, const char *what, const char *name)
{
    return fail(STATUS_DATA, "%s: not the record of a study: %s%s%.60s", study->path, what,
                *name ? " " : "", name);
}

static const json_t *series_named(const json_t *root, const char *name)
{
    const json_t *series;
    size_t i;
    json_array_foreach(json_object_get(root, "series"), i,
                       series) if (strcmp(text_of(series, "name"), name) == 0) return series;
    return NULL;
}

static enum status check_claims(const struct report_study *study)
{
    static const char *const verdict[] = {"confirmed", "refuted", "out_of_reach"};
    const json_t *claim;
    size_t i, v;
    json_array_foreach(json_object_get(study->root, "claims"), i, claim)
    {
        for (v = 0; v < 3 && strcmp(text_of(claim, "verdict"), verdict[v]) != 0; v++) continue;
        if (v == 3 || !*text_of(claim, "claim"))
            return bad(study, "a claim without text or verdict:", text_of(claim, "id"));
    }
    return STATUS_OK;
}

static enum status check_series(const struct report_study *study)
{
    const json_t *series;
    size_t i;
    json_array_foreach(json_object_get(study->root, "series"), i, series)
    {
        static const char *const list[] = {"y", "lo", "hi"};
        const json_t *x = json_object_get(series, "x");
        if (!*text_of(series, "name") || !json_is_array(x))
            return bad(study, "a series without name or x", text_of(series, "name"));
        for (size_t k = 0; k < 3; k++) {
            const json_t *other = json_object_get(series, list[k]);
            if ((other || k == 0) && json_array_size(other) != json_array_size(x))
                return bad(study, "x and the rest differ in length in series",
                           text_of(series, "name"));
        }
    }
    return STATUS_OK;
}

static size_t values_of(const json_t *figure, const char *axis)
{
    return json_array_size(json_object_get(json_object_get(figure, axis), "values"));
}

static enum status check_figures(const struct report_study *study)
{
    const json_t *figure, *curve;
    size_t i, k;
    json_array_foreach(json_object_get(study->root, "figures"), i, figure)
    {
        const json_t *curves = json_object_get(figure, "curves");
        const bool heat = strcmp(text_of(figure, "kind"), "heat") == 0;
        const size_t columns = values_of(figure, "x"), rows = values_of(figure, "y");
        if (!heat && json_array_size(curves) == 0)
            return bad(study, "no curves in figure", text_of(figure, "name"));
        json_array_foreach(
            curves, k,
            curve) if (!series_named(study->root,
                                     text_of(curve, "series"))) return bad(study, "no such series:",
                                                                           text_of(curve,
                                                                                   "series"));
        /* Both are sizes of arrays in memory: their product does not overflow. */
        if (heat && columns * rows != values_of(figure, "z"))
            return bad(study, "cells are not columns times rows in figure",
                       text_of(figure, "name"));
    }
    return STATUS_OK;
}

enum status html_study_check(const struct report_study *study)
{
    static const char *const list[] = {"claims", "series", "figures"};
    for (size_t i = 0; i < 3; i++)
        if (!json_is_array(json_object_get(study->root, list[i])))
            return bad(study, "no array", list[i]);
    if (!*text_of(study->root, "study")) return bad(study, "no name \"study\"", "");
    enum status status = check_claims(study);
    if (status == STATUS_OK) status = check_series(study);
    return status == STATUS_OK ? check_figures(study) : status;
}

/* ---- claims */

static void bounds_cell(FILE *out, const json_t *claim)
{
    const json_t *expected = json_object_get(claim, "expected");
    const double lo = number_of(expected, "lo"), hi = number_of(expected, "hi");
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
    const double lo = number_of(interval, "lo"), hi = number_of(interval, "hi");
    fputs("<td>", out);
    html_number(out, number_of(claim, "measured"), 4);
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
    const char *verdict = text_of(claim, "verdict");
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
    html_row(out, text_of(claim, "id"));
    verdict_cell(out, claim);
    fputs("<td class=\"p\">", out);
    html_text(out, text_of(claim, "claim"));
    fputs(" <i>(", out);
    html_text(out, text_of(claim, "source"));
    fputs(")</i></td>", out);
    bounds_cell(out, claim);
    measured_cell(out, claim);
    html_number_cell(out, number_of(claim, "samples"), 6);
    html_cell(out, "p", text_of(claim, "note"));
    fputs("</tr>\n", out);
}

static void claims(FILE *out, const json_t *root)
{
    static const char *const head[] = {"claim",     "verdict", "what it says", "expected",
                                       "#measured", "#draws",  "note"};
    char *caption =
        html_format("Claims of %s, size %s", text_of(root, "study"), text_of(root, "size"));
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
            if (strcmp(text_of(claim, "verdict"), name[v]) != 0) continue;
            n++;
            if (used < sizeof ids - 64)
                used += (size_t)snprintf(ids + used, 64, "%s%.20s", used ? ", " : ": ",
                                         text_of(claim, "id"));
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
    const double lo = number_of(axis, "lo"), hi = number_of(axis, "hi");
    const char *own = json_string_value(json_object_get(axis, "label"));
    return (struct svg_axis){own ? own : label, json_is_true(json_object_get(axis, "log")),
                             isfinite(lo) ? lo : 0.0, isfinite(hi) ? hi : 0.0};
}

static char *heat_svg(const json_t *figure)
{
    double *x = values(json_object_get(json_object_get(figure, "x"), "values"));
    double *y = values(json_object_get(json_object_get(figure, "y"), "values"));
    double *z = values(json_object_get(json_object_get(figure, "z"), "values"));
    char *svg = x && y && z ? svg_heat(&(struct svg_heat){.title = text_of(figure, "title"),
                                                          .x = axis_of(figure, "x", ""),
                                                          .y = axis_of(figure, "y", ""),
                                                          .z = axis_of(figure, "z", ""),
                                                          .at_x = x,
                                                          .at_y = y,
                                                          .at_z = z,
                                                          .columns = values_of(figure, "x"),
                                                          .rows = values_of(figure, "y"),
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
    const char *units = text_of(series, unit);
    return html_format("%s%s%s", text_of(series, name), *units ? ", " : "", units);
}

static struct svg_curve curve_of(const json_t *root, const json_t *json)
{
    const json_t *series = series_named(root, text_of(json, "series"));
    const char *style = text_of(json, "style");
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
    const json_t *first = series_named(root, text_of(json_array_get(list, 0), "series"));
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
        svg = svg_lines(&(struct svg_lines){.title = text_of(figure, "title"),
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
        const bool heat = strcmp(text_of(figure, "kind"), "heat") == 0;
        html_figure(out, heat ? heat_svg(figure) : lines_svg(root, figure),
                    text_of(figure, "title"), NULL);
    }
    fputs("</div>\n", out);
}

static void study(FILE *out, const struct report_study *s)
{
    char seconds[80];
    fputs("<h3>", out);
    html_text(out, text_of(s->root, "study"));
    fputs(", size ", out);
    html_text(out, text_of(s->root, "size"));
    fputs("</h3>\n<p>", out);
    html_text(out, text_of(s->root, "source"));
    snprintf(seconds, sizeof seconds, ". %.0f s on ", fmin(number_of(s->root, "seconds"), 1e9));
    fputs(seconds, out);
    html_text(out, text_of(json_object_get(s->root, "machine"), "cpu"));
    fputs(", lane ", out);
    html_text(out, text_of(s->root, "isa"));
    fputs(", ", out);
    html_text(out, text_of(s->root, "started"));
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
