#include "studies/ledger.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "report/file.h"

enum { VERSION = 1, LINE = JOURNAL_KEY + 32 * JOURNAL_FIELDS, HEAD = 4096 };
static const char MAGIC[] = LEDGER_MAGIC, COMPLETE[] = LEDGER_COMPLETE;
static const double SYNC_EVERY = 1.0;

static enum status cannot(const struct ledger *j, const char *what)
{
    return fail(STATUS_NO_OUTPUT, "%s: %s: %s", j->plan.path, what, strerror(errno));
}

/* The first line, without its end; returns how long it is. */
static int make_head(const struct ledger *j, char head[HEAD])
{
    const struct cluster_share *share = &j->plan.share;
    char of[64] = "";
    if (share->count) snprintf(of, sizeof of, LEDGER_SHARE, share->index, share->count);
    return snprintf(head, HEAD, "%s%d: %s%s", MAGIC, VERSION, j->plan.run, of);
}

/* ---- reading */

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct ledger_row *)a)->key, ((const struct ledger_row *)b)->key);
}

static bool parse_row(char *line, size_t fields, struct ledger_row *row)
{
    char *at = strchr(line, ',');
    if (!at || at == line || at - line >= JOURNAL_KEY) return false;
    *at = '\0';
    strcpy(row->key, line);
    for (size_t i = 0; i < fields; i++) {
        char *end;
        row->value[i] = strtod(++at, &end);
        if (end == at || *end != (i + 1 < fields ? ',' : '\0')) return false;
        at = end;
    }
    return true;
}

static bool is_columns(const char *line, const char *columns)
{
    return strncmp(line, "what,", 5) == 0 && strcmp(line + 5, columns) == 0;
}

static enum status parse(struct ledger *j, char *text)
{
    char head[HEAD];
    size_t lines = 0, number = 0;
    for (const char *c = text; *c; c++) lines += *c == '\n';
    j->row = calloc(lines + 1, sizeof *j->row);
    if (!j->row) return fail(STATUS_OS, "%s: no memory for %zu rows", j->plan.path, lines);
    make_head(j, head);
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        if (++number == 1 && strcmp(line, head) != 0)
            return fail(STATUS_USAGE, "%s: rows of another run, \"%.200s\", not \"%s\"",
                        j->plan.path, line + 2, head + 2);
        if (number == 2 && !is_columns(line, j->plan.columns))
            return fail(STATUS_DATA, "%s: line 2 is not \"what,%s\"", j->plan.path,
                        j->plan.columns);
        if (number <= 2 || *line == '#') continue;
        if (!parse_row(line, j->plan.fields, &j->row[j->count]))
            return fail(STATUS_DATA, "%s: line %zu is no row of %zu numbers", j->plan.path, number,
                        j->plan.fields);
        j->count++;
    }
    qsort(j->row, j->count, sizeof *j->row, by_key);
    return STATUS_OK;
}

/* The whole lines of the file, to be freed. */
static enum status read_lines(struct ledger *j, char **text)
{
    const off_t most = 1 << 30;
    struct stat is;
    if (fstat(j->fd, &is) != 0 || !S_ISREG(is.st_mode) || is.st_size > most)
        return fail(STATUS_NO_OUTPUT, "%s: no regular file of up to 1 GiB", j->plan.path);
    size_t size = (size_t)is.st_size, got = 0;
    *text = malloc(size + 1);
    if (!*text) return fail(STATUS_OS, "%s: no memory for its %zu bytes", j->plan.path, size);
    while (got < size) {
        const ssize_t n = pread(j->fd, *text + got, size - got, (off_t)got);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        got += (size_t)n;
    }
    while (got > 0 && (*text)[got - 1] != '\n') got--;
    (*text)[got] = '\0';
    if (strlen(*text) != got)
        return fail(STATUS_DATA, "%s: byte %zu is 0, in no file of rows", j->plan.path,
                    strlen(*text));
    if (got == size || ftruncate(j->fd, (off_t)got) == 0) return STATUS_OK;
    return cannot(j, "cannot be shortened");
}

/* ---- writing */

/* Whole or not at all. */
static enum status append(struct ledger *j, const char *line, size_t length)
{
    const off_t end = lseek(j->fd, 0, SEEK_END);
    ssize_t wrote;
    do wrote = write(j->fd, line, length);
    while (wrote < 0 && errno == EINTR);
    if (wrote == (ssize_t)length) {
        if (clock_seconds() - j->synced < SYNC_EVERY) return STATUS_OK;
        j->synced = clock_seconds();
        return fdatasync(j->fd) == 0 ? STATUS_OK : cannot(j, "rows");
    }
    if (wrote >= 0) errno = ENOSPC;
    const enum status status = cannot(j, "a row");
    if (end >= 0 && ftruncate(j->fd, end) != 0)
        return status; /* the half line is dropped by the next reader */
    return status;
}

static enum status begin(struct ledger *j)
{
    char head[HEAD];
    int length = make_head(j, head);
    if (length < (int)sizeof head)
        length +=
            snprintf(head + length, sizeof head - (size_t)length, "\nwhat,%s\n", j->plan.columns);
    if (length >= (int)sizeof head)
        return fail(STATUS_INTERNAL, "%s: a head of %d characters", j->plan.path, length);
    if (ftruncate(j->fd, 0) != 0) return cannot(j, "cannot be emptied");
    return append(j, head, (size_t)length);
}

/* Its lines, where a run is to go on with them or may take their place. */
static enum status settle(struct ledger *j, char *text)
{
    const size_t length = strlen(text), end = sizeof COMPLETE - 1;
    size_t rows = 0;
    if (length == 0) return begin(j);
    if (strncmp(text, MAGIC, sizeof MAGIC - 1) != 0)
        return fail(STATUS_DATA, "%s: line 1 is no head of a file of rows", j->plan.path);
    j->complete = length >= end && strcmp(text + length - end, COMPLETE) == 0;
    for (const char *c = text; *c; c++) rows += *c == '\n';
    /* Power was lost within the head: there is no row yet. */
    if (rows < 2) return begin(j);
    if (j->plan.resume) return parse(j, text);
    if (!j->complete && rows > 2)
        return fail(STATUS_USAGE,
                    "%s holds %zu rows of an unfinished run: --resume goes on with it; to begin "
                    "anew, remove it",
                    j->plan.path, rows - 2);
    j->complete = false;
    return begin(j);
}

enum status ledger_open(struct ledger *j, const struct ledger_plan *plan)
{
    assert(plan->fields > 0 && plan->fields <= JOURNAL_FIELDS);
    *j = (struct ledger){.plan = *plan, .fd = -1};
    if (!plan->path) return STATUS_OK;
    j->fd = file_hold(plan->path, O_RDWR | O_CREAT | O_APPEND, false);
    if (j->fd < 0 && errno == EWOULDBLOCK)
        return fail(STATUS_NO_OUTPUT, "%s: another run is writing it", plan->path);
    if (j->fd < 0) return cannot(j, "cannot be written");
    pthread_mutex_init(&j->lock, NULL);
    char *text = NULL;
    enum status status = read_lines(j, &text);
    if (status == STATUS_OK) status = settle(j, text);
    free(text);
    if (status == STATUS_OK) return STATUS_OK;
    struct stat is;
    if (fstat(j->fd, &is) == 0 && S_ISREG(is.st_mode) && is.st_size == 0)
        unlink(plan->path); /* ours, and not even a head */
    ledger_close(j);
    return status;
}

const double *ledger_find(const struct ledger *j, const char *key)
{
    struct ledger_row what;
    if (!j->count) return NULL;
    snprintf(what.key, sizeof what.key, "%s", key);
    const struct ledger_row *row = bsearch(&what, j->row, j->count, sizeof *j->row, by_key);
    return row ? row->value : NULL;
}

enum status ledger_append(struct ledger *j, const char *key, const double *value)
{
    char line[LINE];
    assert(strlen(key) < JOURNAL_KEY && !strpbrk(key, ",\n"));
    if (j->fd < 0) return STATUS_OK;
    int used = snprintf(line, sizeof line, "%s", key);
    for (size_t i = 0; i < j->plan.fields; i++)
        used += snprintf(line + used, sizeof line - (size_t)used, ",%.17g", value[i]);
    line[used++] = '\n';
    pthread_mutex_lock(&j->lock);
    const enum status status = append(j, line, (size_t)used);
    pthread_mutex_unlock(&j->lock);
    return status;
}

enum status ledger_complete(struct ledger *j)
{
    if (j->fd < 0 || j->complete) return STATUS_OK;
    const enum status status = append(j, COMPLETE, sizeof COMPLETE - 1);
    if (status != STATUS_OK) return status;
    return fdatasync(j->fd) == 0 ? STATUS_OK : cannot(j, "rows");
}

void ledger_close(struct ledger *j)
{
    if (j->fd >= 0) {
        close(j->fd);
        pthread_mutex_destroy(&j->lock);
    }
    free(j->row);
    *j = (struct ledger){.fd = -1};
}
