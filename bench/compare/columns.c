#define _GNU_SOURCE /* asprintf */
#include "columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

/* ---- axes */

static const char *const names[AXIS_COUNT] = {"isa", "threads", "cache", "ftz"};
static const char flushed[] = "+ftz";

const char *axis_name(enum axis axis)
{
    return names[axis];
}

enum axis axis_from_name(const char *name)
{
    int a = 0;
    while (a < AXIS_COUNT && strcmp(name, names[a]) != 0) a++;
    return (enum axis)a;
}

static size_t lane_length(const struct read_row *row)
{
    const size_t length = strlen(row->variant), end = sizeof flushed - 1;
    return length > end && strcmp(row->variant + length - end, flushed) == 0 ? length - end
                                                                             : length;
}

const char *axis_value(const struct read_row *row, enum axis axis, char text[AXIS_TEXT])
{
    *text = '\0';
    switch (axis) {
    case AXIS_ISA:
        snprintf(text, AXIS_TEXT, "%.*s", (int)lane_length(row), row->variant);
        break;
    case AXIS_THREADS:
        snprintf(text, AXIS_TEXT, "%d thread%s", row->threads, row->threads == 1 ? "" : "s");
        break;
    case AXIS_CACHE:
        snprintf(text, AXIS_TEXT, "%s", row->cache);
        break;
    case AXIS_FTZ:
        snprintf(text, AXIS_TEXT, "%s",
                 json_is_true(json_object_get(row->json, "ftz")) ? "FTZ" : "no FTZ");
        break;
    case AXIS_COUNT:
        break;
    }
    return text;
}

/* ---- rows */

bool columns_has(const struct columns *c, size_t column, const struct read_row *row,
                 const struct selection *s)
{
    char text[AXIS_TEXT];
    if (row->state != READ_TIMED || !s->match(s->ctx, row)) return false;
    if (read_is_library(row) && !s->named(s->ctx, row)) return false;
    return c->by == AXIS_COUNT || strcmp(axis_value(row, c->by, text), c->at[column].only) == 0;
}

/* The length of name[0..length) without `end`. */
static size_t without(const char *name, size_t length, const char *end)
{
    const size_t n = strlen(end);
    return length > n && memcmp(name + length - n, end, n) == 0 ? length - n : length;
}

char *columns_key(const struct columns *c, const struct read_row *row)
{
    char threads[24], *key = NULL;
    const unsigned dropped = c->dropped;
    const bool whole = row->name[row->case_length] == '\0'; /* no variant at its end */
    snprintf(threads, sizeof threads, "/threads:%d", row->threads);
    const size_t all = without(row->name, row->case_length, threads);
    const size_t bare = without(row->name, all, "/cold");
    const bool flush = strlen(row->variant) != lane_length(row);
    if (asprintf(&key, "%.*s%s%s%s%.*s%s", (int)bare, row->name,
                 bare < all && !(dropped & AXIS_BIT(AXIS_CACHE)) ? "/cold" : "",
                 all < row->case_length && !(dropped & AXIS_BIT(AXIS_THREADS)) ? threads : "",
                 whole || dropped & AXIS_BIT(AXIS_ISA) ? "" : "/",
                 whole || dropped & AXIS_BIT(AXIS_ISA) ? 0 : (int)lane_length(row), row->variant,
                 flush && !whole && !(dropped & AXIS_BIT(AXIS_FTZ)) ? flushed : "") < 0)
        return NULL;
    return key;
}

/* ---- files */

/* The only value of the column's rows along the axis; "" where there are several, or no row. */
static void single_value(const struct columns *c, size_t column, const struct selection *s,
                         enum axis axis, char value[AXIS_TEXT])
{
    const struct read_file *file = c->at[column].file;
    char text[AXIS_TEXT];
    *value = '\0';
    for (size_t i = 0; i < file->rows; i++) {
        if (!columns_has(c, column, &file->row[i], s)) continue;
        axis_value(&file->row[i], axis, text);
        if (*value && strcmp(value, text) != 0) {
            *value = '\0';
            return;
        }
        strcpy(value, text);
    }
}

static void add_name(struct column *column, const char *text)
{
    const size_t used = strlen(column->name);
    size_t length = strlen(text);
    while (length && text[length - 1] == ' ') length--; /* as clang ends its version */
    snprintf(column->name + used, COLUMN_NAME - used, "%s%.*s", used ? ", " : "", (int)length,
             text);
}

static void find_axis(struct columns *c, const struct selection *s, enum axis axis)
{
    char first[AXIS_TEXT], text[AXIS_TEXT];
    bool alone = true, differ = false;
    single_value(c, 0, s, axis, first);
    alone = *first != '\0';
    for (size_t i = 1; alone && i < c->count; i++) {
        single_value(c, i, s, axis, text);
        alone = *text != '\0';
        differ = differ || strcmp(first, text) != 0;
    }
    if (!alone || !differ) return;
    c->dropped |= AXIS_BIT(axis);
    for (size_t i = 0; i < c->count; i++) {
        single_value(c, i, s, axis, text);
        add_name(&c->at[i], text);
    }
}

static const struct difference *find_field(const struct differences *d, const char *field)
{
    for (size_t i = 0; i < d->count; i++)
        if (strcmp(d->at[i].field, field) == 0) return &d->at[i];
    return NULL;
}

static void join(struct differences *all, const struct differences *more)
{
    for (size_t i = 0; i < more->count; i++)
        if (!find_field(all, more->at[i].field) && all->count < DIFFERENCES_MAX)
            all->at[all->count++] = more->at[i];
}

/* What another field, or the rows, say already. */
static bool is_told(const struct columns *c, const struct differences *all, const char *field)
{
    static const struct {
        const char *by, *field;
    } told[] = {{"cpu", "cpu_model"},    {"cpu", "num_cpus"},    {"cpu", "cores"},
                {"cpu", "packages"},     {"cpu", "numa_nodes"},  {"cpu", "isa_present"},
                {"cpu", "caches"},       {"cpu", "memory"},      {"compiler", "flags"},
                {"compiler", "runtime"}, {"compiler", "places"}, {"compiler", "lane_flags"},
                {"ftz", "daz"}};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (strcmp(field, told[i].field) == 0 && find_field(all, told[i].by)) return true;
    return (c->dropped & AXIS_BIT(AXIS_FTZ) && strcmp(field, "ftz") == 0) ||
           (c->dropped & AXIS_BIT(AXIS_ISA) && strcmp(field, "onednn_isa") == 0);
}

static bool is_said(const struct read_file *file, const char *field)
{
    const json_t *openmp = json_object_get(file->context, "openmp");
    return read_is_known(json_object_get(file->context, field)) ||
           read_is_known(json_object_get(openmp, field)) || strcmp(field, "memory") == 0;
}

static void name_by(struct columns *c, size_t i, const struct differences *all,
                    const struct differences *own)
{
    for (size_t f = 0; f < all->count; f++) {
        const char *field = all->at[f].field, *value = all->at[f].old;
        const struct difference *d = find_field(own, field);
        char text[DIFFERENCE_TEXT + 32];
        const bool plain = strcmp(field, "cpu") == 0 || strcmp(field, "compiler") == 0;
        if (is_told(c, all, field)) continue;
        if (d)
            value = d->new;
        else if (!is_said(c->at[i].file, field))
            value = "unknown";
        snprintf(text, sizeof text, "%s%s%s", plain ? "" : field, plain ? "" : " ", value);
        add_name(&c->at[i], text);
    }
}

static void name_columns(struct columns *c)
{
    struct differences own, settings = {.count = 0};
    for (size_t i = 1; i < c->count; i++) {
        identity_machine(c->at[0].file, c->at[i].file, &own);
        join(&c->machine, &own);
        identity_settings(c->at[0].file, c->at[i].file, &own);
        join(&c->settings, &own);
    }
    for (size_t f = 0; f < c->settings.count; f++)
        if (identity_is_setting(c->settings.at[f].field))
            settings.at[settings.count++] = c->settings.at[f];
    for (size_t i = 0; i < c->count; i++) {
        identity_machine(c->at[0].file, c->at[i].file, &own);
        name_by(c, i, &c->machine, &own);
        identity_settings(c->at[0].file, c->at[i].file, &own);
        if (!c->machine.count) name_by(c, i, &settings, &own);
    }
}

/* ---- the values of one file */

static int by_threads(const void *a, const void *b)
{
    const struct column *x = a, *y = b;
    return atoi(x->only) - atoi(y->only);
}

/* Lanes in the order of dispatch, libraries behind them. */
static int by_lane(const void *a, const void *b)
{
    const struct column *x = a, *y = b;
    const int order = (int)isa_from_name(x->only) - (int)isa_from_name(y->only);
    return order ? order : strcmp(x->only, y->only);
}

static int by_text_down(const void *a, const void *b)
{
    const struct column *x = a, *y = b;
    return -strcmp(x->only, y->only); /* hot, cold; no FTZ, FTZ */
}

static enum status open_values(struct columns *c, const struct read_file *file,
                               const struct selection *s, enum axis by)
{
    static int (*const order[AXIS_COUNT])(const void *, const void *) = {
        by_lane, by_threads, by_text_down, by_text_down};
    char text[AXIS_TEXT];
    for (size_t i = 0; i < file->rows; i++) {
        size_t at = 0;
        if (!columns_has(c, 0, &file->row[i], s)) continue;
        axis_value(&file->row[i], by, text);
        while (at < c->count && strcmp(c->at[at].only, text) != 0) at++;
        if (at < c->count) continue;
        c->at[c->count] = (struct column){.file = file};
        strcpy(c->at[c->count].only, text);
        strcpy(c->at[c->count++].name, text);
    }
    c->by = by;
    c->dropped = AXIS_BIT(by);
    if (c->count > 1) {
        qsort(c->at, c->count, sizeof *c->at, order[by]);
        return STATUS_OK;
    }
    return fail(STATUS_DATA, "%s: --by %s: %s%s: nothing to lay side by side", file->path,
                axis_name(by),
                c->count ? "its rows are all of " : "no row was asked for that is timed",
                c->count ? c->at[0].only : "");
}

enum status columns_open(struct columns *c, const struct read_file *file, size_t files,
                         const struct selection *s, enum axis by)
{
    const size_t room = by == AXIS_COUNT ? files : file->rows + 1;
    *c = (struct columns){.at = calloc(room, sizeof *c->at), .by = AXIS_COUNT};
    if (!c->at) return fail(STATUS_OS, "no memory to compare the files");
    if (by != AXIS_COUNT) return open_values(c, file, s, by);
    for (size_t i = 0; i < files; i++) c->at[c->count++].file = &file[i];
    for (int a = 0; a < AXIS_COUNT; a++) find_axis(c, s, (enum axis)a);
    name_columns(c);
    return STATUS_OK;
}

void columns_close(struct columns *c)
{
    free(c->at);
    *c = (struct columns){0};
}
