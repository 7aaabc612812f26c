#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gather/gather.h"
#include "report/file.h"
#include "report/read_text.h"
#include "studies/ledger.h"

/* A share's file in memory. */
struct ledger_part {
    const char *path;
    char *text;            /* to be freed; lines of it: */
    char *head, *columns;  /* the head without its share */
    char *rows, *rows_end; /* whole lines */
    struct cluster_share share;
};

static char *cut_line(char **at)
{
    char *line = *at, *end = line ? strchr(line, '\n') : NULL;
    if (!end) return NULL;
    *end = '\0';
    *at = end + 1;
    return line;
}

static enum status read_part(struct ledger_part *p, const char *path)
{
    size_t bytes;
    *p = (struct ledger_part){.path = path};
    const enum status status = read_load(path, &p->text, &bytes);
    char *room = status == STATUS_OK ? realloc(p->text, bytes + 1) : NULL;
    if (status != STATUS_OK) return status;
    if (!room) return fail(STATUS_OS, "%s: no memory for its rows", path);
    room[bytes] = '\0';
    p->text = room;
    if (strlen(room) != bytes)
        return fail(STATUS_DATA, "%s: byte %zu is 0, in no file of rows", path, strlen(room));
    char *at = p->text, *share = NULL;
    p->head = cut_line(&at);
    p->columns = cut_line(&at);
    if (!p->columns || strncmp(p->head, LEDGER_MAGIC, strlen(LEDGER_MAGIC)) != 0)
        return fail(STATUS_DATA, "%s is no file of rows of a study", path);
    for (char *next = p->head; (next = strstr(next, ", share ")); next++) share = next;
    if (!share || sscanf(share, LEDGER_SHARE, &p->share.index, &p->share.count) != 2)
        return fail(STATUS_DATA, "%s is no share: its run was not given --share", path);
    *share = '\0';
    const size_t length = strlen(at), end = strlen(LEDGER_COMPLETE);
    if (length < end || strcmp(at + length - end, LEDGER_COMPLETE) != 0)
        return fail(STATUS_NO_INPUT,
                    "%s: share %zu of %zu has not ended: the same command goes on with it", path,
                    p->share.index, p->share.count);
    p->rows = at;
    p->rows_end = at + length - end;
    return STATUS_OK;
}

static enum status check_same(const struct ledger_part *a, const struct ledger_part *b)
{
    if (!gathered_is_name(a->head) || !gathered_is_name(b->head))
        return fail(STATUS_DATA, "%s: its head is not of printable characters",
                    gathered_is_name(a->head) ? b->path : a->path);
    if (strcmp(a->head, b->head) != 0)
        return fail(STATUS_DATA, "%s and %s are of different runs: \"%.200s\" and \"%.200s\"",
                    a->path, b->path, a->head + 2, b->head + 2);
    if (strcmp(a->columns, b->columns) != 0)
        return fail(STATUS_DATA, "%s and %s have different columns", a->path, b->path);
    return STATUS_OK;
}

/* Each row's key once among all parts. */
static enum status check_rows(const struct ledger_part *p, json_t *seen)
{
    size_t number = 0;
    for (char *line = p->rows, *next; line < p->rows_end; line = next) {
        number++;
        next = strchr(line, '\n') + 1;
        char *comma = strchr(line, ',');
        if (*line == '#') continue;
        if (comma && comma < next) *comma = '\0';
        if (!comma || comma >= next || !gathered_is_name(line))
            return fail(STATUS_DATA, "%s: row %zu is none: no name and numbers", p->path, number);
        const char *before = json_string_value(json_object_get(seen, line));
        if (before)
            return fail(STATUS_DATA, "%s and %s both have the row %s", before, p->path, line);
        if (json_object_set_new(seen, line, json_string(p->path)) != 0)
            return fail(STATUS_OS, "%s: no memory for its rows", p->path);
        *comma = ',';
    }
    return STATUS_OK;
}

static enum status write_all(const struct ledger_part *part, size_t count, const char *path)
{
    struct file_out out;
    const enum status status = file_begin(&out, path);
    if (status != STATUS_OK) return status;
    file_put(&out, part->head, strlen(part->head));
    file_put(&out, "\n", 1);
    file_put(&out, part->columns, strlen(part->columns));
    file_put(&out, "\n", 1);
    for (size_t i = 0; i < count; i++)
        file_put(&out, part[i].rows, (size_t)(part[i].rows_end - part[i].rows));
    file_put(&out, LEDGER_COMPLETE, strlen(LEDGER_COMPLETE));
    return file_end(&out);
}

static int by_share(const void *a, const void *b)
{
    const struct ledger_part *x = a, *y = b;
    return (x->share.index > y->share.index) - (x->share.index < y->share.index);
}

enum status gather_ledgers(char *const *paths, size_t count, const char *out)
{
    struct ledger_part *part = calloc(count, sizeof *part);
    struct gathered g = {0};
    json_t *seen = json_object();
    enum status status =
        part && seen ? STATUS_OK : fail(STATUS_OS, "no memory for %zu files", count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        status = read_part(&part[i], paths[i]);
        if (status == STATUS_OK) status = check_same(&part[0], &part[i]);
        if (status == STATUS_OK) status = gathered_add(&g, paths[i], &part[i].share);
        if (status == STATUS_OK) status = check_rows(&part[i], seen);
    }
    if (status == STATUS_OK) status = gathered_whole(&g);
    if (status == STATUS_OK) {
        qsort(part, count, sizeof *part, by_share);
        status = write_all(part, count, out);
    }
    if (status == STATUS_OK)
        printf("%s: %zu rows of %zu shares\n", out, json_object_size(seen), count);
    for (size_t i = 0; part && i < count; i++) free(part[i].text);
    free(part);
    gathered_free(&g);
    json_decref(seen);
    return status;
}
