#include "read_row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MOST = 1024, THREADS_MOST = 65536 };

/* ---- fields */

static const char *text_of(const json_t *json, const char *field)
{
    const char *text = json_string_value(json_object_get(json, field));
    return text ? text : "";
}

static double number_of(const json_t *json, const char *field)
{
    const json_t *value = json_object_get(json, field);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static bool is_true(const json_t *json, const char *field)
{
    return json_is_true(json_object_get(json, field));
}

static enum status bad(const struct read_file *file, const struct read_row *row, const char *what)
{
    return fail(STATUS_DATA, "%s: row %.200s: %s", file->path, row->name, what);
}

enum status read_row_name(const struct read_file *file, const json_t *json, size_t i,
                          const char **name)
{
    *name = NULL;
    if (!json_is_object(json))
        return fail(STATUS_DATA, "%s: benchmarks[%zu] is no object", file->path, i);
    if (!file->schema && (strcmp(text_of(json, "run_type"), "aggregate") == 0 ||
                          json_object_get(json, "aggregate_name")))
        return STATUS_OK;
    *name = text_of(json, "name");
    if (!file->schema && *text_of(json, "run_name")) *name = text_of(json, "run_name");
    if (!**name) return fail(STATUS_DATA, "%s: benchmarks[%zu] has no name", file->path, i);
    if (strlen(*name) > NAME_MOST)
        return fail(STATUS_DATA, "%s: the name of benchmarks[%zu] is longer than %d bytes",
                    file->path, i, NAME_MOST);
    return STATUS_OK;
}

/* ---- samples */

static bool append(struct read_row *row, double ns)
{
    /* Room for the next power of two. */
    if ((row->samples & (row->samples - 1)) == 0) {
        const size_t room = row->samples ? 2 * row->samples : 1;
        double *more = realloc(row->ns, room * sizeof *more);
        if (!more) return false;
        row->ns = more;
    }
    row->ns[row->samples++] = ns;
    return true;
}

static bool is_time(double ns)
{
    return ns > 0.0 && ns <= READ_NS_MAX;
}

static enum status read_fork(const struct read_file *file, const json_t *list, struct read_row *row)
{
    const json_t *value;
    size_t i;
    json_array_foreach(list, i, value)
    {
        if (!json_is_number(value) || !is_time(json_number_value(value)))
            return bad(file, row, "a sample is not a time in nanoseconds");
        if (!append(row, json_number_value(value))) return bad(file, row, "no memory");
    }
    row->count[row->forks++] = json_array_size(list);
    return STATUS_OK;
}

/* Schema 1: one process, a flat array. Schema 2: an array of processes. */
static enum status read_samples(const struct read_file *file, const json_t *json,
                                struct read_row *row)
{
    const json_t *list = json_object_get(json, "samples"), *fork;
    const size_t forks = file->schema == 1 ? 1 : json_array_size(list);
    enum status status = STATUS_OK;
    size_t i;
    if (json_array_size(list) == 0) return bad(file, row, "neither samples nor an error");
    if (forks > READ_FORKS_MAX) return bad(file, row, "more processes than any run has");
    row->count = calloc(forks, sizeof *row->count);
    if (!row->count) return fail(STATUS_OS, "%s: no memory to read it", file->path);
    if (file->schema == 1) return read_fork(file, list, row);
    json_array_foreach(list, i, fork)
    {
        if (!json_is_array(fork))
            return bad(file, row, "samples of schema 2 are arrays, one a process");
        if ((status = read_fork(file, fork, row)) != STATUS_OK) return status;
    }
    return row->samples ? STATUS_OK : bad(file, row, "no process has samples");
}

bool read_row_medians(struct read_row *row)
{
    double sum = 0.0;
    row->median = NAN;
    if (row->state != READ_TIMED) return true;
    row->log_median = malloc(row->forks * sizeof *row->log_median);
    if (!row->log_median) return false;
    for (size_t f = 0, at = 0; f < row->forks; at += row->count[f++]) {
        if (!row->count[f]) continue;
        const double median = log(stats_median(row->ns + at, row->count[f]));
        if (!isfinite(median)) return false;
        row->log_median[row->medians++] = median;
        sum += median;
    }
    row->median = exp(sum / (double)row->medians);
    return true;
}

/* ---- rows of hinge */

/* What `hinge bench` says of rows that are not wrong. */
static bool is_harmless(const char *error)
{
    static const char *const harmless[] = {"not sampled", "oneDNN fell back to ref",
                                           "FTZ and DAZ move the output beyond its bound"};
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (strcmp(error, harmless[i]) == 0) return true;
    return false;
}

static void set_error(struct read_row *row, const char *error)
{
    row->state = is_harmless(error) ? READ_UNTIMED : READ_WRONG;
    row->error = *error ? error : "an error without a message";
}

static void set_texts(const json_t *json, struct read_row *row)
{
    const size_t length = strlen(row->name), variant = strlen(text_of(json, "variant"));
    row->kernel = text_of(json, "kernel");
    row->variant = text_of(json, "variant");
    row->impl = text_of(json, "impl");
    row->isa = text_of(json, "isa");
    row->cache = text_of(json, "cache");
    row->bound_by = text_of(json, "bound_by");
    row->roof = text_of(json, "roof");
    row->level = text_of(json, "level");
    row->case_length = length;
    if (variant && length > variant + 1 && row->name[length - variant - 1] == '/' &&
        strcmp(row->name + length - variant, row->variant) == 0)
        row->case_length = length - variant - 1;
}

static double at_least_0(double x)
{
    return x >= 0.0 && isfinite(x) ? x : NAN;
}

static void set_numbers(const json_t *json, struct read_row *row)
{
    const json_t *ratio = json_object_get(json, "vs_onednn");
    const double threads = number_of(json, "threads");
    row->threads = threads >= 1.0 && threads <= THREADS_MOST ? (int)threads : 0;
    row->scale = number_of(json, "scale");
    row->flops = at_least_0(number_of(json, "flops"));
    row->bytes = at_least_0(number_of(json, "bytes"));
    row->roof_share = at_least_0(number_of(json, "roof_share"));
    row->vs_onednn = (struct interval){number_of(ratio, "ratio"), number_of(ratio, "lo"),
                                       number_of(ratio, "hi")};
    row->vs_onednn_impl = text_of(ratio, "impl");
    row->fell_out = is_true(json, "fell_out");
}

enum status read_own_row(const struct read_file *file, const json_t *json, struct read_row *row)
{
    static const char *const must[] = {"kernel", "variant", "impl", "isa", "cache"};
    row->json = json;
    row->name = text_of(json, "name");
    set_texts(json, row);
    set_numbers(json, row);
    for (size_t i = 0; i < sizeof must / sizeof *must; i++)
        if (!*text_of(json, must[i]))
            return fail(STATUS_DATA, "%s: row %.200s: no text \"%s\"", file->path, row->name,
                        must[i]);
    if (!row->threads) return bad(file, row, "\"threads\" is not a number of threads");
    if (!is_true(json, "error_occurred")) return read_samples(file, json, row);
    set_error(row, text_of(json, "error_message"));
    return STATUS_OK;
}

/* ---- rows of Google Benchmark */

static double ns_of_unit(const char *unit)
{
    static const struct {
        const char *name;
        double ns;
    } known[] = {{"", 1.0}, {"ns", 1.0}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(unit, known[i].name) == 0) return known[i].ns;
    return NAN;
}

enum status read_foreign_row(const struct read_file *file, const json_t *json, struct read_row *row,
                             bool is_new)
{
    if (is_new) {
        row->json = json;
        row->name = *text_of(json, "run_name") ? text_of(json, "run_name") : text_of(json, "name");
        set_texts(json, row);
        set_numbers(json, row);
        row->threads = row->threads ? row->threads : 1;
        row->forks = 1;
        row->count = calloc(1, sizeof *row->count);
        if (!row->count) return fail(STATUS_OS, "%s: no memory to read it", file->path);
    }
    if (is_true(json, "error_occurred")) {
        set_error(row, text_of(json, "error_message"));
        return STATUS_OK;
    }
    if (is_true(json, "skipped")) {
        row->state = READ_UNTIMED;
        row->error = "skipped";
        return STATUS_OK;
    }
    const double unit = ns_of_unit(text_of(json, "time_unit"));
    const double ns = unit * number_of(json, "real_time");
    if (isnan(unit)) return bad(file, row, "its time_unit is not ns, us, ms or s");
    if (!is_time(ns)) return bad(file, row, "its real_time is not a time");
    if (!append(row, ns)) return fail(STATUS_OS, "%s: no memory to read it", file->path);
    row->count[0]++;
    return STATUS_OK;
}
