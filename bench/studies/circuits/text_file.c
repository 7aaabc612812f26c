#include "text_file.h"

#include <stdlib.h>
#include <string.h>

#include "model/format.h"

enum { SIZE_MOST = 1 << 30 };

static enum status read_all(const struct input *file, char **text, size_t *size)
{
    if (file->bytes > SIZE_MOST) return fail(STATUS_DATA, "%s has more than 1 GiB", file->path);
    *size = (size_t)file->bytes;
    *text = calloc(*size + 1, 1);
    if (!*text) return fail(STATUS_OS, "no memory for %s", file->path);
    return input_read(file, 0, *text, *size);
}

enum status text_file_read(const char *path, char **text, size_t *size)
{
    struct input file;
    *text = NULL;
    *size = 0;
    enum status status = input_open(&file, path);
    if (status == STATUS_OK) status = read_all(&file, text, size);
    input_close(&file);
    if (status == STATUS_OK) return status;
    free(*text);
    *text = NULL;
    return status;
}

enum status text_file_check(const char *path, const char *text, size_t size)
{
    const size_t length = strlen(text);
    if (length == size) return STATUS_OK;
    return fail(STATUS_DATA, "%s is no text: byte %zu is 0", path, length);
}
