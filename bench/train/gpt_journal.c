#include "train/gpt_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/format.h"
#include "report/file.h"

static enum status cannot(const char *path)
{
    return fail(STATUS_NO_OUTPUT, "%s: %s", path, strerror(errno));
}

enum status gpt_journal_open(struct gpt_journal *j, const char *path, bool make)
{
    *j = (struct gpt_journal){path,
                              file_hold(path, O_RDWR | O_APPEND | (make ? O_CREAT : 0), false)};
    if (j->fd >= 0) return STATUS_OK;
    if (errno != EWOULDBLOCK) return cannot(path);
    return fail(STATUS_NO_OUTPUT, "%s: another run is writing it", path);
}

enum status gpt_journal_empty(struct gpt_journal *j)
{
    return ftruncate(j->fd, 0) == 0 ? STATUS_OK : cannot(j->path);
}

void gpt_journal_close(struct gpt_journal *j)
{
    if (j->fd >= 0) close(j->fd);
    j->fd = -1;
}

enum status gpt_journal_put(struct gpt_journal *j, json_t *line)
{
    char *text = line ? json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    const size_t length = text ? strlen(text) : 0;
    ssize_t wrote = -1;
    json_decref(line);
    if (!text) return fail(STATUS_OS, "no memory for a line of %s", j->path);
    text[length] = '\n'; /* in the place of the end */
    errno = ENOSPC;      /* of a write that is short */
    do wrote = write(j->fd, text, length + 1);
    while (wrote < 0 && errno == EINTR);
    free(text);
    return wrote == (ssize_t)length + 1 ? STATUS_OK : cannot(j->path);
}

enum status gpt_journal_sync(struct gpt_journal *j)
{
    return fdatasync(j->fd) == 0 ? STATUS_OK : cannot(j->path);
}

/* ---- reading */

/* *end is where the lines that were taken end. */
static enum status read_lines(FILE *file, const char *path,
                              bool (*take)(size_t step, const json_t *line, void *ctx), void *ctx,
                              off_t *end)
{
    enum status status = STATUS_OK;
    char *text = NULL;
    size_t room = 0, step = 0;
    ssize_t length;
    bool more = true;
    for (*end = 0; more && (length = getline(&text, &room, file)) > 0; step++) {
        json_t *line = json_loadb(text, (size_t)length, 0, NULL);
        const json_t *number = json_object_get(line, "step");
        if (!json_is_integer(number) || json_integer_value(number) != (json_int_t)step) {
            json_decref(line);
            status = fail(STATUS_DATA, "%s:%zu: not the record of step %zu", path, step + 1, step);
            break;
        }
        *end += length;
        more = take(step, line, ctx);
        json_decref(line);
    }
    free(text);
    /* Also where there is no memory for a line. */
    if (status == STATUS_OK && more && !feof(file))
        status = fail(STATUS_NO_INPUT, "%s: %s", path, strerror(errno));
    return status;
}

static enum status open_to_read(const char *path, FILE **file)
{
    struct input input;
    const enum status status = input_open(&input, path);
    *file = status == STATUS_OK ? fdopen(input.fd, "r") : NULL;
    if (*file) return status;
    input_close(&input);
    return status == STATUS_OK ? fail(STATUS_OS, "%s: no memory to read it", path) : status;
}

enum status gpt_journal_read(const char *path,
                             bool (*take)(size_t step, const json_t *line, void *ctx), void *ctx)
{
    off_t end;
    FILE *file;
    enum status status = open_to_read(path, &file);
    if (status != STATUS_OK) return status;
    status = read_lines(file, path, take, ctx, &end);
    fclose(file);
    return status;
}

/* ctx: how many lines are still missing. */
static bool count_down(size_t step, const json_t *line, void *ctx)
{
    size_t *left = ctx;
    (void)step, (void)line;
    return --*left > 0;
}

enum status gpt_journal_resume(struct gpt_journal *j, size_t steps)
{
    size_t left = steps + 1;
    off_t end = 0;
    FILE *file;
    enum status status = open_to_read(j->path, &file);
    if (status != STATUS_OK) return status;
    status = read_lines(file, j->path, count_down, &left, &end);
    fclose(file);
    if (status == STATUS_OK && left)
        status = fail(STATUS_DATA, "%s ends %zu lines before step %zu, that of the checkpoint",
                      j->path, left, steps);
    if (status == STATUS_OK && ftruncate(j->fd, end) != 0) status = cannot(j->path);
    return status;
}
