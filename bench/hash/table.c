#include "hash/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "report/read_text.h"

/* The longest row; beyond so many the file is no table of ours. */
enum { LINE = 256, ROWS_MAX = 1 << 20, DIGITS = 16 };
static const char head[] = "case,inputs,outputs";

enum status hash_table_add(struct hash_table *t, const struct hash_row *row)
{
    if (t->count == t->room) {
        const size_t room = t->room ? 2 * t->room : 64;
        struct hash_row *more = realloc(t->at, room * sizeof *more);
        if (!more) return fail(STATUS_OS, "no memory for %zu hashes", room);
        t->at = more;
        t->room = room;
    }
    t->at[t->count++] = *row;
    return STATUS_OK;
}

const struct hash_row *hash_table_find(const struct hash_table *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->at[i].name, name) == 0) return &t->at[i];
    return NULL;
}

void hash_table_free(struct hash_table *t)
{
    free(t->at);
    *t = (struct hash_table){0};
}

void hash_table_print(const struct hash_table *t, FILE *out)
{
    fprintf(out, "%s\n", head);
    for (size_t i = 0; i < t->count; i++)
        fprintf(out, "%s,%016" PRIx64 ",%016" PRIx64 "\n", t->at[i].name, t->at[i].inputs,
                t->at[i].outputs);
}

/* Sixteen digits and the character behind them. */
static bool read_hash(const char *text, char end, uint64_t *hash)
{
    *hash = 0;
    if (strspn(text, "0123456789abcdef") != DIGITS || text[DIGITS] != end) return false;
    *hash = strtoull(text, NULL, 16);
    return true;
}

static bool read_row(const char *line, struct hash_row *row)
{
    const size_t length = strcspn(line, ",");
    if (length == 0 || length >= sizeof row->name || line[length] != ',') return false;
    memcpy(row->name, line, length);
    row->name[length] = '\0';
    const char *inputs = line + length + 1;
    return plain_is(row->name) && read_hash(inputs, ',', &row->inputs) &&
           read_hash(inputs + DIGITS + 1, '\n', &row->outputs);
}

static enum status read_rows(struct hash_table *t, FILE *file, const char *path)
{
    char line[LINE];
    struct hash_row row;
    const bool headed = fgets(line, sizeof line, file) &&
                        strncmp(line, head, sizeof head - 1) == 0 &&
                        strcmp(line + sizeof head - 1, "\n") == 0;
    for (size_t at = 2; headed && fgets(line, sizeof line, file); at++) {
        if (!read_row(line, &row))
            return fail(STATUS_DATA, "%s:%zu: not %s of a case", path, at, head);
        if (t->count == ROWS_MAX) return fail(STATUS_DATA, "%s: more than %d rows", path, ROWS_MAX);
        const enum status status = hash_table_add(t, &row);
        if (status != STATUS_OK) return status;
    }
    return headed ? STATUS_OK : fail(STATUS_DATA, "%s:1: not %s", path, head);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct hash_row *const *)a)->name,
                  (*(const struct hash_row *const *)b)->name);
}

static enum status check_unique(const struct hash_table *t, const char *path)
{
    const struct hash_row **row = malloc((t->count + 1) * sizeof *row);
    enum status status = STATUS_OK;
    if (!row) return fail(STATUS_OS, "no memory for %zu hashes", t->count);
    for (size_t i = 0; i < t->count; i++) row[i] = &t->at[i];
    qsort(row, t->count, sizeof *row, by_name);
    for (size_t i = 1; status == STATUS_OK && i < t->count; i++)
        if (strcmp(row[i - 1]->name, row[i]->name) == 0)
            status = fail(STATUS_DATA, "%s: %s is there twice", path, row[i]->name);
    free(row);
    return status;
}

enum status hash_table_read(struct hash_table *t, const char *path)
{
    *t = (struct hash_table){0};
    char *text;
    FILE *file;
    enum status status = read_as_lines(path, &file, &text);
    if (status != STATUS_OK) return status;
    status = read_rows(t, file, path);
    fclose(file);
    free(text);
    if (status == STATUS_OK) status = check_unique(t, path);
    if (status != STATUS_OK) hash_table_free(t);
    return status;
}
