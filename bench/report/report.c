#include "report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "card.h"
#include "explain.h"
#include "kernel.h"
#include "read_text.h"
#include "report_sides.h"

/* ---- entries */

static int compare_groups(const struct report_entry *a, const struct report_entry *b)
{
    int order = strcmp(a->row->kernel, b->row->kernel);
    if (!order) order = -strcmp(a->row->cache, b->row->cache); /* hot, cold */
    if (!order) order = (a->row->threads > b->row->threads) - (a->row->threads < b->row->threads);
    if (!order) order = (a->side > b->side) - (a->side < b->side);
    if (!order) order = strcmp(a->row->variant, b->row->variant);
    return order;
}

static int compare_entries(const void *a, const void *b)
{
    const struct report_entry *x = a, *y = b;
    const int order = compare_groups(x, y);
    if (order) return order;
    if (x->file != y->file) return x->file < y->file ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static bool sort_entries(struct report *r)
{
    size_t rows = 0;
    for (size_t f = 0; f < r->files; f++) rows += r->file[f].rows;
    r->entry = calloc(rows + 1, sizeof *r->entry);
    if (!r->entry) return false;
    for (size_t f = 0; f < r->files; f++)
        for (size_t i = 0; i < r->file[f].rows; i++)
            r->entry[r->entries++] =
                (struct report_entry){&r->file[f].row[i], &r->file[f], r->side_of[f]};
    qsort(r->entry, r->entries, sizeof *r->entry, compare_entries);
    for (size_t i = 0; i < r->entries; i++)
        if (json_object_set_new(r->side[r->entry[i].side].index, r->entry[i].row->name,
                                json_integer((json_int_t)i)) != 0)
            return false;
    return true;
}

size_t report_group_end(const struct report *r, size_t from)
{
    size_t end = from + 1;
    while (end < r->entries && compare_groups(&r->entry[from], &r->entry[end]) == 0) end++;
    return end;
}

size_t report_kernel_end(const struct report *r, size_t from)
{
    size_t end = from + 1;
    while (end < r->entries && strcmp(r->entry[from].row->kernel, r->entry[end].row->kernel) == 0)
        end++;
    return end;
}

bool report_same_line(const struct report_entry *a, const struct report_entry *b)
{
    return a->side == b->side && a->row->threads == b->row->threads &&
           strcmp(a->row->kernel, b->row->kernel) == 0 && strcmp(a->row->cache, b->row->cache) == 0;
}

const struct report_entry *report_find(const struct report *r, size_t side, const char *name)
{
    const json_t *at = json_object_get(r->side[side].index, name);
    const struct report_entry *e = at ? &r->entry[json_integer_value(at)] : NULL;
    return e && e->row->state == READ_TIMED ? e : NULL;
}

/* ---- of one row */

bool report_is_hand(const struct read_row *row)
{
    return strcmp(row->variant, isa_name(ISA_AVX2)) == 0 ||
           strcmp(row->variant, isa_name(ISA_AVX512)) == 0;
}

bool report_is_plugin(const struct read_row *row)
{
    char lane[24];
    snprintf(lane, sizeof lane, "%.*s", (int)strcspn(row->variant, "+"), row->variant);
    return *lane && !read_is_library(row) && isa_from_name(lane) == ISA_COUNT;
}

double report_roof(const struct report *r, size_t side, const char *isa, int threads,
                   const char *field)
{
    double most = NAN;
    for (size_t f = 0; f < r->files; f++)
        if (r->side_of[f] == side) /* fmax() takes the number of a number and NaN */
            most = fmax(most, explain_roof(&r->file[f], isa, threads, field));
    return most;
}

enum report_standing report_standing(const struct read_row *row)
{
    if (!(row->vs_onednn.at > 0.0)) return REPORT_UNCOMPARED;
    if (row->vs_onednn.hi < 1.0) return REPORT_SLOWER;
    return row->vs_onednn.lo > 1.0 ? REPORT_FASTER : REPORT_UNDECIDED;
}

struct interval report_mean(const double *ratio, size_t n)
{
    if (n == 1) return (struct interval){ratio[0], NAN, NAN};
    return stats_geomean(ratio, n, 1);
}

const char *report_case(const struct read_row *row, char text[256])
{
    const char *from = row->name, *end = from + row->case_length;
    const size_t kernel = strlen(row->kernel);
    size_t used = 0;
    if (kernel && strncmp(from, row->kernel, kernel) == 0 && from[kernel] == '/')
        from += kernel + 1;
    text[0] = '\0';
    for (const char *part = from, *next; part < end; part = next + 1) {
        next = memchr(part, '/', (size_t)(end - part));
        if (!next) next = end;
        const int length = (int)(next - part);
        const bool known = strncmp(part, "threads:", 8) == 0 || strncmp(part, "cold/", 5) == 0;
        if (row->kernel[0] && known) continue;
        if (used < 256)
            used +=
                (size_t)snprintf(text + used, 256 - used, "%s%.*s", used ? "/" : "", length, part);
    }
    return text;
}

const char *report_group_name(const struct report *r, const struct report_entry *e,
                              bool with_variant, char text[256])
{
    const struct read_row *row = e->row;
    snprintf(text, 256, "%.80s%s%.80s, %d thread%s%s%s%s", *row->kernel ? row->kernel : "rows",
             with_variant && *row->variant ? " " : "", with_variant ? row->variant : "",
             row->threads, row->threads == 1 ? "" : "s",
             strcmp(row->cache, "cold") == 0 ? ", cold" : "", r->sides > 1 ? ", " : "",
             r->sides > 1 ? r->side[e->side].name : "");
    return text;
}

double report_number(const struct read_row *row, const char *in, const char *field)
{
    const json_t *from = in ? json_object_get(row->json, in) : row->json;
    const json_t *value = json_object_get(from, field);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* ---- all of it */

static enum status take_study(struct report *r, const char *path, json_t *root)
{
    r->study[r->studies] = (struct report_study){path, root};
    return read_study_check(&r->study[r->studies++]);
}

static enum status take_file(struct report *r, const char *path)
{
    char *text;
    size_t bytes;
    json_t *root = NULL;
    enum status status = read_load(path, &text, &bytes);
    if (status != STATUS_OK) return status;
    status = read_parse(path, text, bytes, &root);
    if (status == STATUS_OK && json_object_get(root, "claims")) {
        free(text);
        return take_study(r, path, root);
    }
    json_decref(root);
    if (status == STATUS_OK) status = read_bytes(path, text, bytes, &r->file[r->files]);
    r->files += status == STATUS_OK;
    free(text);
    return status;
}

/* What files with rows do not say of their machine, from a card of it. */
static enum status take_cards(struct report *r)
{
    char what[CARD_WHAT];
    enum status status = STATUS_OK;
    for (size_t c = 0; c < r->files; c++)
        for (size_t f = 0; f < r->files && !r->file[c].rows && status == STATUS_OK; f++)
            if (r->file[f].rows && sides_same_machine(&r->file[f], &r->file[c]) &&
                card_fits(&r->file[f], &r->file[c]))
                status = card_fill(&r->file[f], &r->file[c], what);
    return status;
}

static enum status take_all(struct report *r, char *const *paths, size_t count)
{
    r->file = calloc(count, sizeof *r->file);
    r->side_of = calloc(count, sizeof *r->side_of);
    r->side = calloc(count, sizeof *r->side);
    r->study = calloc(count, sizeof *r->study);
    if (!r->file || !r->side_of || !r->side || !r->study)
        return fail(STATUS_OS, "no memory for %zu files", count);
    for (size_t i = 0; i < count; i++) {
        const enum status status = take_file(r, paths[i]);
        if (status != STATUS_OK) return status;
    }
    const enum status status = take_cards(r);
    if (status != STATUS_OK) return status;
    /* Cards last: what a side is called comes from its rows. */
    for (int with_rows = 1; with_rows >= 0; with_rows--)
        for (size_t f = 0; f < r->files; f++)
            if ((r->file[f].rows > 0) == with_rows && !sides_add(r, f))
                return fail(STATUS_OS, "%s: no memory for its rows", r->file[f].path);
    return sort_entries(r) ? STATUS_OK : fail(STATUS_OS, "no memory for the rows of all files");
}

enum status report_read(struct report *r, char *const *paths, size_t count)
{
    *r = (struct report){.files = 0};
    const enum status status = take_all(r, paths, count);
    if (status != STATUS_OK) report_free(r);
    return status;
}

void report_free(struct report *r)
{
    for (size_t f = 0; f < r->files; f++) read_free(&r->file[f]);
    for (size_t s = 0; s < r->sides; s++) json_decref(r->side[s].index);
    for (size_t s = 0; s < r->studies; s++) json_decref(r->study[s].root);
    free(r->file);
    free(r->side_of);
    free(r->side);
    free(r->entry);
    free(r->study);
    *r = (struct report){.files = 0};
}
