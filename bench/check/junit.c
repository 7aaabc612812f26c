#define _GNU_SOURCE /* memfd_create */
#include "junit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "isolate.h"
#include "report/file.h"
#include "report/html.h"

/* Both are shared with processes that are forked. */
struct junit {
    const char *path;
    int fd;     /* the text so far, in memory */
    int *error; /* errno of the first failure */
};

static void release(struct junit *j)
{
    if (j->fd >= 0) close(j->fd);
    isolate_unshare(j->error, sizeof *j->error);
    free(j);
}

static void keep_error(struct junit *j, int error)
{
    if (!*j->error) *j->error = error;
}

static void put(struct junit *j, const char *text, size_t bytes)
{
    while (bytes) {
        const ssize_t wrote = write(j->fd, text, bytes);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) {
            keep_error(j, wrote < 0 ? errno : EIO);
            return;
        }
        text += wrote;
        bytes -= (size_t)wrote;
    }
}

/* XML and text in turn, until NULL. */
static void put_line(struct junit *j, const char *const part[])
{
    char *line = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&line, &bytes);
    for (size_t i = 0; out && part[i]; i++) {
        if (i % 2)
            html_text(out, part[i]);
        else
            fputs(part[i], out);
    }
    if (out && fclose(out) == 0)
        put(j, line, bytes);
    else
        keep_error(j, ENOMEM);
    free(line);
}

enum status junit_open(struct junit **junit, const char *path, const char *suite)
{
    *junit = NULL;
    if (strcmp(path, "-") == 0) return fail(STATUS_USAGE, "--junit -: name a file");
    if (file_writable(path) != STATUS_OK) return STATUS_NO_OUTPUT;
    struct junit *j = calloc(1, sizeof *j);
    if (!j) return fail(STATUS_OS, "--junit %s: out of memory", path);
    *j = (struct junit){path, memfd_create("junit", MFD_CLOEXEC), isolate_share(sizeof *j->error)};
    if (j->fd < 0 || !j->error) {
        release(j);
        return fail(STATUS_OS, "--junit %s: out of memory", path);
    }
    put_line(j, (const char *[]){"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
                                 "<testsuite name=\"",
                                 suite, "\">\n", NULL});
    *junit = j;
    return STATUS_OK;
}

void junit_case(struct junit *j, const char *kernel, const char *name, const char *failure,
                const char *skipped)
{
    if (!j) return;
    const char *const text = failure ? failure : skipped;
    const char *const end = text ? "\"/></testcase>\n" : "\"></testcase>\n";
    const char *const element = failure ? "\"><failure message=\"" : "\"><skipped message=\"";
    put_line(j, (const char *[]){"<testcase classname=\"", kernel, "\" name=\"", name,
                                 text ? element : end, text, end, NULL});
}

void junit_cut(struct junit *j)
{
    char c;
    if (!j) return;
    off_t end = lseek(j->fd, 0, SEEK_END);
    while (end > 0 && pread(j->fd, &c, 1, end - 1) == 1 && c != '\n') end--;
    if (ftruncate(j->fd, end) != 0 || lseek(j->fd, end, SEEK_SET) != end) keep_error(j, errno);
}

static enum status copy(const struct junit *j)
{
    char text[1 << 14];
    struct file_out out;
    enum status status = file_begin(&out, j->path);
    if (status != STATUS_OK) return status;
    ssize_t got;
    for (off_t at = 0; (got = pread(j->fd, text, sizeof text, at)) > 0; at += got)
        file_put(&out, text, (size_t)got);
    if (got < 0 && !out.error) out.error = errno;
    return file_end(&out);
}

enum status junit_close(struct junit *j)
{
    if (!j) return STATUS_OK;
    put_line(j, (const char *[]){"</testsuite>\n</testsuites>\n", NULL});
    const enum status status =
        *j->error ? fail(STATUS_NO_OUTPUT, "--junit %s: %s", j->path, strerror(*j->error))
                  : copy(j);
    release(j);
    return status;
}
