#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/identity.h"
#include "gather/gather.h"
#include "gather/merge.h"
#include "report/read.h"
#include "report/result.h"

/* ---- whether they are of one run */

static enum status read_share(const struct read_file *file, struct cluster_share *share)
{
    const json_t *cluster = json_object_get(file->context, "cluster");
    const json_int_t index = json_integer_value(json_object_get(cluster, "share"));
    const json_int_t count = json_integer_value(json_object_get(cluster, "of"));
    const json_int_t total = json_integer_value(json_object_get(cluster, "total"));
    if (json_is_true(json_object_get(cluster, "per_host")))
        return fail(STATUS_DATA,
                    "%s has all rows of its host (--per-host): nothing to gather; `hinge compare "
                    "--machines` and `hinge report` take such files",
                    file->path);
    if (!cluster || !file->schema)
        return fail(STATUS_DATA, "%s is no share: its run was not given --share", file->path);
    if (index < 1 || count < 1 || total < 1 || total > READ_VALUES_MAX ||
        !json_is_object(json_object_get(cluster, "rows")))
        return fail(STATUS_DATA, "%s: what it says of its share cannot be read", file->path);
    *share = (struct cluster_share){(size_t)index, (size_t)count};
    return STATUS_OK;
}

/* What makes the rows those of one process. */
static enum status check_same(const struct read_file *a, const struct read_file *b)
{
    static const char *const same[] = {"hinge_version", "commit", "compiler", "flags",
                                       "lane_flags",    "onednn", "isa_used", "plugin.hash"};
    const json_t *of_a = json_object_get(a->context, "cluster"),
                 *of_b = json_object_get(b->context, "cluster");
    struct differences d;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        const char *x = read_context_text(a, same[i]), *y = read_context_text(b, same[i]);
        if (strcmp(x, y) != 0)
            return fail(STATUS_DATA, "%s and %s are of different builds: %s is %.100s and %.100s",
                        a->path, b->path, same[i], x, y);
    }
    if (!json_equal(json_object_get(a->context, "dirty"), json_object_get(b->context, "dirty")))
        return fail(STATUS_DATA, "%s and %s are of different builds: dirty in one", a->path,
                    b->path);
    if (!json_equal(json_object_get(of_a, "arguments"), json_object_get(of_b, "arguments")) ||
        !json_equal(json_object_get(of_a, "total"), json_object_get(of_b, "total")))
        return fail(STATUS_DATA,
                    "%s and %s are of runs with different arguments: %.150s and %.150s", a->path,
                    b->path, read_context_text(a, "command"), read_context_text(b, "command"));
    identity_machine(a, b, &d);
    if (!d.count) return STATUS_OK;
    return fail(STATUS_DATA,
                "%s and %s are of different machines: %s is %s and %s; `hinge compare --machines` "
                "and `hinge report` set such files side by side",
                a->path, b->path, d.at[0].field, d.at[0].old, d.at[0].new);
}

/* Of one kind of machine, but set otherwise: told, since it may move times. */
static void tell_settings(const struct read_file *a, const struct read_file *b)
{
    struct differences d;
    identity_settings(a, b, &d);
    for (size_t i = 0; i < d.count; i++)
        if (!identity_is_of_host(d.at[i].field) && strcmp(d.at[i].field, "cpus_allowed") != 0)
            fprintf(stderr, "hinge gather: %s and %s: %s is %s and %s\n", a->path, b->path,
                    d.at[i].field, d.at[i].old, d.at[i].new);
}

/* ---- each row once */

struct slot {
    const char *name; /* NULL: no share has it */
    const struct read_file *file;
    json_t *rows; /* its variants; NULL: it was left out */
};

static enum status claim_rows(struct slot *slot, size_t slots, const struct read_file *file)
{
    json_t *rows = json_object_get(json_object_get(file->context, "cluster"), "rows"), *number;
    const char *name;
    json_object_foreach(rows, name, number)
    {
        const json_int_t at = json_integer_value(number);
        if (!gathered_is_name(name))
            return fail(STATUS_DATA, "%s: a row of its share has no printable name", file->path);
        if (!json_is_integer(number) || at < 0 || (size_t)at >= slots)
            return fail(STATUS_DATA, "%s: row %s is none of the %zu of its run", file->path, name,
                        slots);
        if (slot[at].name)
            return fail(STATUS_DATA, "row %zu is in %s and in %s: %s and %s", (size_t)at,
                        slot[at].file->path, file->path, slot[at].name, name);
        slot[at] = (struct slot){.name = name, .file = file};
    }
    return STATUS_OK;
}

static enum status place_rows(struct slot *slot, const struct read_file *file, bool *wrong)
{
    const json_t *numbers = json_object_get(json_object_get(file->context, "cluster"), "rows");
    for (size_t i = 0; i < file->rows; i++) {
        const struct read_row *row = &file->row[i];
        char *name = strndup(row->name, row->case_length);
        const json_t *number = name ? json_object_get(numbers, name) : NULL;
        free(name);
        if (!number)
            return fail(STATUS_DATA, "%s: row %s is not of its share", file->path, row->name);
        struct slot *s = &slot[json_integer_value(number)];
        if (!s->rows) s->rows = json_array();
        json_array_append(s->rows, (json_t *)row->json);
        *wrong |= row->state == READ_WRONG;
    }
    return STATUS_OK;
}

/* All rows in their order, a new reference; tells what was left out. */
static json_t *in_order(const struct slot *slot, size_t slots)
{
    json_t *all = json_array();
    size_t missing = 0;
    for (size_t i = 0; i < slots; i++) {
        if (slot[i].rows) json_array_extend(all, slot[i].rows);
        if (!slot[i].rows && missing++ < 20)
            fprintf(stderr, "hinge gather: not timed: %s, in %s\n", slot[i].name,
                    slot[i].file->path);
    }
    if (missing > 20) fprintf(stderr, "hinge gather: ... and %zu more\n", missing - 20);
    return all;
}

static enum status gather_rows(const struct read_file *const *file, size_t files, const char *out)
{
    const size_t slots = (size_t)json_integer_value(
        json_object_get(json_object_get(file[0]->context, "cluster"), "total"));
    struct slot *slot = calloc(slots, sizeof *slot);
    bool wrong = false;
    enum status status = slot ? STATUS_OK : fail(STATUS_OS, "no memory for %zu rows", slots);
    for (size_t i = 0; i < files && status == STATUS_OK; i++)
        status = claim_rows(slot, slots, file[i]);
    for (size_t i = 0; i < slots && status == STATUS_OK; i++)
        if (!slot[i].name) status = fail(STATUS_DATA, "no share has row %zu of %zu", i, slots);
    for (size_t i = 0; i < files && status == STATUS_OK; i++)
        status = place_rows(slot, file[i], &wrong);
    if (status == STATUS_OK) {
        json_t *rows = in_order(slot, slots);
        const size_t lines = json_array_size(rows);
        status = result_write_parts(merge_contexts(file, files), rows, out);
        if (status == STATUS_OK)
            printf("%s: %zu rows, %zu lines of them, from %zu shares\n", out, slots, lines, files);
    }
    for (size_t i = 0; slot && i < slots; i++) json_decref(slot[i].rows);
    free(slot);
    if (status == STATUS_OK && wrong)
        return fail(STATUS_WRONG, "%s: an output was wrong, and has no time", out);
    return status;
}

/* ---- all of it */

static const struct read_file *file_of(const struct read_file *file, size_t files, const char *path)
{
    size_t i = 0;
    while (i < files && file[i].path != path) i++;
    return &file[i];
}

static enum status in_share_order(const struct read_file *file, const struct gathered *g,
                                  const char *out)
{
    const struct read_file **order = calloc(g->count, sizeof *order);
    if (!order) return fail(STATUS_OS, "no memory for %zu files", g->count);
    for (size_t i = 0; i < g->count; i++) order[i] = file_of(file, g->count, g->path[i]);
    const enum status status = gather_rows(order, g->count, out);
    free(order);
    return status;
}

enum status gather_results(char *const *paths, size_t count, const char *out)
{
    struct read_file *file = calloc(count, sizeof *file);
    struct gathered g = {0};
    enum status status = file ? STATUS_OK : fail(STATUS_OS, "no memory for %zu files", count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct cluster_share share;
        status = read_file(paths[i], &file[i]);
        if (status == STATUS_OK) status = read_share(&file[i], &share);
        if (status == STATUS_OK) status = gathered_add(&g, paths[i], &share);
        if (status == STATUS_OK) status = check_same(&file[0], &file[i]);
        if (status == STATUS_OK) tell_settings(&file[0], &file[i]);
    }
    if (status == STATUS_OK) status = gathered_whole(&g);
    if (status == STATUS_OK) status = in_share_order(file, &g, out);
    for (size_t i = 0; file && i < count; i++) read_free(&file[i]);
    free(file);
    gathered_free(&g);
    return status;
}
