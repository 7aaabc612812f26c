#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool write_all(int fd, const char *text)
{
    for (size_t left = strlen(text); left;) {
        const ssize_t wrote = write(fd, text, left);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return false;
        text += wrote;
        left -= (size_t)wrote;
    }
    return true;
}

enum status file_write(const char *path, const char *text)
{
    char beside[1024];
    if (strcmp(path, "-") == 0) {
        fflush(stdout);
        if (write_all(STDOUT_FILENO, text)) return STATUS_OK;
        return fail(STATUS_NO_OUTPUT, "the standard output: %s", strerror(errno));
    }
    if (snprintf(beside, sizeof beside, "%s.part", path) >= (int)sizeof beside)
        return fail(STATUS_NO_OUTPUT, "%s: the path is too long", path);
    const int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0) return fail(STATUS_NO_OUTPUT, "%s: %s", beside, strerror(errno));
    bool fine = write_all(fd, text) && fsync(fd) == 0;
    fine = close(fd) == 0 && fine;
    if (fine && rename(beside, path) == 0) return STATUS_OK;
    const int why = errno;
    unlink(beside);
    return fail(STATUS_NO_OUTPUT, "%s: %s", path, strerror(why));
}

enum status file_writable(const char *path)
{
    char beside[1024];
    if (strcmp(path, "-") == 0) return STATUS_OK;
    if (snprintf(beside, sizeof beside, "%s.part", path) >= (int)sizeof beside)
        return fail(STATUS_NO_OUTPUT, "%s: the path is too long", path);
    const int fd = open(beside, O_WRONLY | O_CREAT, 0644);
    if (fd < 0) return fail(STATUS_NO_OUTPUT, "%s cannot be written: %s", path, strerror(errno));
    close(fd);
    unlink(beside);
    return STATUS_OK;
}
