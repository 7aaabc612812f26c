#include "read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/read_row.h"
#include "report/read_text.h"

/* ---- the context */

static const json_t *context_at(const struct read_file *file, const char *name)
{
    const json_t *at = file->context;
    char key[64];
    while (at && *name) {
        const size_t length = strcspn(name, ".");
        if (length >= sizeof key) return NULL;
        memcpy(key, name, length);
        key[length] = '\0';
        at = json_object_get(at, key);
        name += length + (name[length] == '.');
    }
    return at;
}

const char *read_context_text(const struct read_file *file, const char *name)
{
    const char *text = json_string_value(context_at(file, name));
    return text && *text ? text : "unknown";
}

double read_context_number(const struct read_file *file, const char *name)
{
    const json_t *at = context_at(file, name);
    return json_is_number(at) ? json_number_value(at) : NAN;
}

bool read_is_known(const json_t *value)
{
    const char *text = json_string_value(value);
    return value && !json_is_null(value) && !(text && strcmp(text, "unknown") == 0);
}

bool read_is_library(const struct read_row *row)
{
    static const char *const peer[] = {"openblas", "blis", "libxsmm"};
    if (strncmp(row->variant, "dnnl", 4) == 0) return true;
    for (size_t i = 0; i < sizeof peer / sizeof *peer; i++)
        if (strcmp(row->variant, peer[i]) == 0) return true;
    return false;
}

/* ---- the file */

static void free_row(struct read_row *row)
{
    free(row->count);
    free(row->ns);
    free(row->log_median);
}

void read_free(struct read_file *file)
{
    for (size_t i = 0; i < file->rows; i++) free_row(&file->row[i]);
    free(file->row);
    json_decref(file->root);
    *file = (struct read_file){.path = file->path};
}

static enum status no_memory(const struct read_file *file)
{
    return fail(STATUS_OS, "%s: no memory to read it", file->path);
}

static enum status check_head(struct read_file *file)
{
    const json_t *schema;
    file->context = json_object_get(file->root, "context");
    if (!json_is_object(file->context) || !json_is_array(json_object_get(file->root, "benchmarks")))
        return fail(STATUS_DATA,
                    "%s: not a result file: JSON without the object \"context\" and the array "
                    "\"benchmarks\"",
                    file->path);
    schema = json_object_get(file->context, "hinge_schema");
    if (!schema) return STATUS_OK;
    if (!json_is_integer(schema))
        return fail(STATUS_DATA, "%s: its hinge_schema is not a whole number", file->path);
    if (json_integer_value(schema) != 1 && json_integer_value(schema) != 2)
        return fail(STATUS_DATA, "%s: hinge_schema %lld is not one that this hinge reads: 1 and 2",
                    file->path, (long long)json_integer_value(schema));
    file->schema = (int)json_integer_value(schema);
    return STATUS_OK;
}

/* The row of that name, a new one where there is none; *index holds name -> number. NULL where there is no
 * memory. */
static struct read_row *row_named(struct read_file *file, json_t *index, const char *name,
                                  bool *is_new)
{
    const json_t *at = json_object_get(index, name);
    *is_new = !at;
    if (at) return &file->row[json_integer_value(at)];
    if (json_object_set_new(index, name, json_integer((json_int_t)file->rows)) != 0) return NULL;
    file->row[file->rows] = (struct read_row){0};
    return &file->row[file->rows++];
}

static enum status read_one(struct read_file *file, json_t *index, const json_t *json, size_t i)
{
    const char *name;
    bool is_new;
    enum status status = read_row_name(file, json, i, &name);
    if (status != STATUS_OK || !name) return status;
    struct read_row *row = row_named(file, index, name, &is_new);
    if (!row) return no_memory(file);
    if (!file->schema) return read_foreign_row(file, json, row, is_new);
    if (!is_new) return fail(STATUS_DATA, "%s: two rows are named %.200s", file->path, name);
    return read_own_row(file, json, row);
}

static enum status read_rows(struct read_file *file)
{
    const json_t *list = json_object_get(file->root, "benchmarks"), *json;
    json_t *index = json_object();
    enum status status = STATUS_OK;
    size_t i;
    file->row = malloc((json_array_size(list) + 1) * sizeof *file->row);
    if (!index || !file->row) status = no_memory(file);
    for (i = 0; status == STATUS_OK && i < json_array_size(list); i++) {
        json = json_array_get(list, i);
        status = read_one(file, index, json, i);
    }
    for (i = 0; status == STATUS_OK && i < file->rows; i++)
        if (!read_row_medians(&file->row[i])) status = no_memory(file);
    if (status == STATUS_OK && !file->schema && file->rows == 0 && json_array_size(list) > 0)
        status = fail(STATUS_DATA,
                      "%s: nothing but aggregates: run without --benchmark_report_aggregates_only",
                      file->path);
    json_decref(index);
    return status;
}

enum status read_bytes(const char *path, const char *text, size_t bytes, struct read_file *file)
{
    *file = (struct read_file){.path = path};
    enum status status = read_parse(path, text, bytes, &file->root);
    if (status == STATUS_OK) status = check_head(file);
    if (status == STATUS_OK) status = read_rows(file);
    if (status != STATUS_OK) read_free(file);
    return status;
}

enum status read_file(const char *path, struct read_file *file)
{
    char *text;
    size_t bytes;
    *file = (struct read_file){.path = path};
    enum status status = read_load(path, &text, &bytes);
    if (status != STATUS_OK) return status;
    status = read_bytes(path, text, bytes, file);
    free(text);
    return status;
}
