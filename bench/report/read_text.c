#include "read_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/plain.h"
#include "report/read.h"

static enum status open_file(const char *path, int *fd, size_t *bytes)
{
    struct stat there;
    /* Not to wait for the other end of a pipe. */
    *fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (*fd < 0 || fstat(*fd, &there) != 0)
        return fail(STATUS_NO_INPUT, "%s cannot be read: %s", path, strerror(errno));
    if (S_ISDIR(there.st_mode)) return fail(STATUS_NO_INPUT, "%s is a folder", path);
    if (!S_ISREG(there.st_mode)) return fail(STATUS_NO_INPUT, "%s is not a regular file", path);
    if (there.st_size > READ_BYTES_MAX)
        return fail(STATUS_DATA, "%s: %lld bytes are more than the %d that are read", path,
                    (long long)there.st_size, READ_BYTES_MAX);
    if (there.st_size == 0) return fail(STATUS_DATA, "%s is empty", path);
    *bytes = (size_t)there.st_size;
    return STATUS_OK;
}

enum status read_load(const char *path, char **text, size_t *bytes)
{
    int fd = -1;
    size_t want = 0, got = 0;
    *text = NULL;
    enum status status = open_file(path, &fd, &want);
    if (status == STATUS_OK && !(*text = malloc(want)))
        status = fail(STATUS_OS, "%s: no memory for its %zu bytes", path, want);
    while (status == STATUS_OK && got < want) {
        const ssize_t now = read(fd, *text + got, want - got);
        if (now < 0 && errno == EINTR) continue;
        if (now < 0) status = fail(STATUS_NO_INPUT, "%s cannot be read: %s", path, strerror(errno));
        if (now <= 0) break;
        got += (size_t)now;
    }
    if (fd >= 0) close(fd);
    if (status != STATUS_OK) {
        free(*text);
        *text = NULL;
    }
    *bytes = got;
    return status;
}

enum status read_as_lines(const char *path, FILE **lines, char **text)
{
    size_t bytes;
    const enum status status = read_load(path, text, &bytes);
    if (status != STATUS_OK) return status;
    *lines = fmemopen(*text, bytes, "r");
    if (*lines) return STATUS_OK;
    free(*text);
    return fail(STATUS_OS, "%s: no memory to read it", path);
}

/* Each value but the first stands behind one of , [ { or : outside a string. */
static size_t count_values(const char *text, size_t bytes)
{
    size_t values = 1;
    bool quoted = false;
    for (size_t i = 0; i < bytes; i++) {
        const char c = text[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted)
            values += c == ',' || c == '[' || c == '{';
    }
    return values;
}

static bool plain_string(json_t *value)
{
    if (plain_is(json_string_value(value))) return true;
    char *copy = strdup(json_string_value(value));
    if (copy) plain_text(copy);
    const bool good = copy && json_string_set(value, copy) == 0;
    free(copy);
    return good;
}

/* Jansson bounds the depth of what it parses at 2048. */
bool read_plain(json_t *value)
{
    json_t *of;
    const char *key;
    size_t i;
    if (json_is_string(value)) return plain_string(value);
    json_array_foreach(value, i, of) if (!read_plain(of)) return false;
    json_object_foreach(value, key, of) if (!read_plain(of)) return false;
    return true;
}

enum status read_parse(const char *path, const char *text, size_t bytes, json_t **root)
{
    json_error_t error;
    *root = NULL;
    if (count_values(text, bytes) > READ_VALUES_MAX)
        return fail(STATUS_DATA, "%s: more than %d values, those of no result file", path,
                    READ_VALUES_MAX);
    *root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &error);
    if (!*root)
        return fail(STATUS_DATA, "%s:%d:%d: not JSON: %s", path, error.line, error.column,
                    error.text);
    if (read_plain(*root)) return STATUS_OK;
    json_decref(*root);
    *root = NULL;
    return fail(STATUS_OS, "%s: no memory to read it", path);
}
