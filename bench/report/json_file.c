#include "json_file.h"

#include <stdlib.h>

#include "file.h"

enum status json_file_write(const char *path, json_t *root, int digits)
{
    char *text =
        root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION((size_t)digits)) : NULL;
    json_decref(root);
    if (!text) return fail(STATUS_OS, "no memory for %s", path);
    const enum status status = file_write(path, text);
    free(text);
    return status;
}
