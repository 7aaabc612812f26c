#include "read_study.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Of any study ten times over. A figure may draw a series again: what a file makes of the page has a bound too. */
enum { SERIES_MOST = 4096, CURVES_MOST = 4096, POINTS_MOST = 1000000 };

const char *read_study_text(const json_t *from, const char *name)
{
    const char *text = json_string_value(json_object_get(from, name));
    return text ? text : "";
}

double read_study_number(const json_t *from, const char *name)
{
    const json_t *value = json_object_get(from, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

const json_t *read_study_series(const json_t *root, const char *name)
{
    const json_t *series;
    size_t i;
    json_array_foreach(json_object_get(root, "series"), i, series)
    {
        if (strcmp(read_study_text(series, "name"), name) == 0) return series;
    }
    return NULL;
}

static enum status bad(const struct report_study *study, const char *what, const char *name)
{
    return fail(STATUS_DATA, "%s: not the record of a study: %s%s%.60s", study->path, what,
                *name ? " " : "", name);
}

static enum status check_claims(const struct report_study *study)
{
    static const char *const verdict[] = {"confirmed", "refuted", "out_of_reach"};
    const json_t *claim;
    size_t i, v;
    json_array_foreach(json_object_get(study->root, "claims"), i, claim)
    {
        for (v = 0; v < 3 && strcmp(read_study_text(claim, "verdict"), verdict[v]) != 0; v++)
            continue;
        if (v == 3 || !*read_study_text(claim, "claim"))
            return bad(study, "a claim without text or verdict:", read_study_text(claim, "id"));
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
        if (!*read_study_text(series, "name") || !json_is_array(x))
            return bad(study, "a series without name or x", read_study_text(series, "name"));
        for (size_t k = 0; k < 3; k++) {
            const json_t *other = json_object_get(series, list[k]);
            if ((other || k == 0) && json_array_size(other) != json_array_size(x))
                return bad(study, "x and the rest differ in length in series",
                           read_study_text(series, "name"));
        }
    }
    return STATUS_OK;
}

size_t read_study_axis_values(const json_t *figure, const char *axis)
{
    return json_array_size(json_object_get(json_object_get(figure, axis), "values"));
}

/* Adds what the curves of a figure draw. */
static enum status check_curves(const struct report_study *study, const json_t *curves,
                                size_t *count, size_t *points)
{
    const json_t *curve;
    size_t i;
    json_array_foreach(curves, i, curve)
    {
        const char *name = read_study_text(curve, "series");
        const json_t *series = read_study_series(study->root, name);
        if (!series) return bad(study, "no such series:", name);
        *points += json_array_size(json_object_get(series, "x"));
        if (++*count > CURVES_MOST || *points > POINTS_MOST)
            return bad(study, "its figures have more curves or points than any study", "");
    }
    return STATUS_OK;
}

static enum status check_figures(const struct report_study *study)
{
    const json_t *figure;
    size_t i, count = 0, points = 0;
    enum status status = STATUS_OK;
    json_array_foreach(json_object_get(study->root, "figures"), i, figure)
    {
        const json_t *curves = json_object_get(figure, "curves");
        const char *name = read_study_text(figure, "name");
        if (!*read_study_text(figure, "title")) return bad(study, "no title of figure", name);
        if (strcmp(read_study_text(figure, "kind"), "heat") != 0) {
            if (json_array_size(curves) == 0) return bad(study, "no curves in figure", name);
            status = check_curves(study, curves, &count, &points);
            if (status != STATUS_OK) return status;
            continue;
        }
        /* Both are sizes of arrays in memory: their product does not overflow. */
        if (read_study_axis_values(figure, "x") * read_study_axis_values(figure, "y") !=
            read_study_axis_values(figure, "z"))
            return bad(study, "cells are not columns times rows in figure", name);
    }
    return STATUS_OK;
}

enum status read_study_check(const struct report_study *study)
{
    static const char *const list[] = {"claims", "series", "figures"};
    for (size_t i = 0; i < 3; i++)
        if (!json_is_array(json_object_get(study->root, list[i])))
            return bad(study, "no array", list[i]);
    if (json_array_size(json_object_get(study->root, "series")) > SERIES_MOST)
        return bad(study, "more series than any study has", "");
    if (!*read_study_text(study->root, "study")) return bad(study, "no name \"study\"", "");
    enum status status = check_claims(study);
    if (status == STATUS_OK) status = check_series(study);
    return status == STATUS_OK ? check_figures(study) : status;
}
