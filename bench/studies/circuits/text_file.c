#include "text_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SIZE_MOST = 1 << 30 };

enum status text_file_read(const char *path, char **text, size_t *size)
{
    struct stat about;
    FILE *file = fopen(path, "rb");
    *text = NULL;
    *size = 0;
    if (!file) return fail(STATUS_NO_INPUT, "%s: %s", path, strerror(errno));
    enum status status = STATUS_OK;
    if (fstat(fileno(file), &about) != 0 || !S_ISREG(about.st_mode))
        status = fail(STATUS_NO_INPUT, "%s is not a regular file", path);
    else if (about.st_size > SIZE_MOST)
        status = fail(STATUS_DATA, "%s has more than 1 GiB", path);
    if (status == STATUS_OK) {
        *text = malloc((size_t)about.st_size + 1);
        if (!*text) status = fail(STATUS_OS, "no memory for %s", path);
    }
    if (status == STATUS_OK) {
        *size = fread(*text, 1, (size_t)about.st_size, file);
        (*text)[*size] = '\0';
        if (ferror(file)) status = fail(STATUS_NO_INPUT, "%s: %s", path, strerror(errno));
    }
    fclose(file);
    if (status == STATUS_OK) return status;
    free(*text);
    *text = NULL;
    return status;
}
