#define _GNU_SOURCE /* O_TMPFILE */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns errno, 0 where all was written. */
static int write_all(int fd, const char *data, size_t left)
{
    while (left) {
        const ssize_t wrote = write(fd, data, left);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return wrote < 0 ? errno : EIO;
        data += wrote;
        left -= (size_t)wrote;
    }
    return 0;
}

/* False, with errno, where it is not to be had. */
static bool lock(int fd, bool wait)
{
    int got;
    do got = flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB);
    while (got != 0 && errno == EINTR);
    return got == 0 || errno == ENOLCK || errno == ENOSYS || errno == EOPNOTSUPP;
}

int file_hold(const char *path, int flags, bool wait)
{
    enum { TRIES = 1000 }; /* then the file system has numbers that do not last */
    for (int tries = 0;; tries++) {
        struct stat held, there;
        const int fd = open(path, flags | O_CLOEXEC, 0644);
        if (fd < 0) return -1;
        if (!lock(fd, wait) || fstat(fd, &held) != 0) {
            const int error = errno;
            close(fd);
            errno = error;
            return -1;
        }
        /* Unless the one who had it has renamed or removed it meanwhile. */
        const bool same =
            stat(path, &there) == 0 && there.st_ino == held.st_ino && there.st_dev == held.st_dev;
        if (same || tries == TRIES) return fd;
        close(fd);
    }
}

static bool link_fd(int fd, const char *path)
{
    char self[40];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

/* A file in the folder of that path which has no name yet, and is gone with the program; -1 where the file system has none,
 * or a name could not be given later. Locked, for who finds its name. */
static int open_unnamed(const char *path)
{
    char folder[1024];
    const char *slash = strrchr(path, '/');
    const int length = slash ? (int)(slash - path) + 1 : 1;
    snprintf(folder, sizeof folder, "%.*s", length, slash ? path : ".");
    const int fd = open(folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0644);
    if (fd < 0 || (access("/proc/self/fd", X_OK) == 0 && lock(fd, false))) return fd;
    close(fd);
    return -1;
}

/* One that a killed program has left: nobody holds it. False, with errno, where it cannot be removed. */
static bool remove_stale(const char *path)
{
    const int fd = file_hold(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, true);
    const bool gone = (fd >= 0 && unlink(path) == 0) || errno == ENOENT;
    const int error = errno;
    if (fd >= 0) close(fd);
    errno = error;
    return gone;
}

/* In the place of what is there; no call does that to a file without a name. */
static bool give_name(const struct file_out *out)
{
    if (link_fd(out->fd, out->path)) return true;
    if (errno != EEXIST) return false;
    while (!link_fd(out->fd, out->beside))
        if (errno != EEXIST || !remove_stale(out->beside)) return false;
    if (rename(out->beside, out->path) == 0) return true;
    const int error = errno;
    unlink(out->beside);
    errno = error;
    return false;
}

enum status file_begin(struct file_out *out, const char *path)
{
    struct stat there;
    *out = (struct file_out){.path = path, .fd = -1};
    if (snprintf(out->beside, sizeof out->beside, "%s.new", path) >= (int)sizeof out->beside)
        return fail(STATUS_NO_OUTPUT, "%s: the path is too long", path);
    /* A rename would put a file in the place of a device. */
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
        return fail(STATUS_NO_OUTPUT, "%s cannot be written: not a regular file", path);
    out->fd = open_unnamed(path);
    out->named = out->fd < 0;
    if (out->named) out->fd = file_hold(out->beside, O_WRONLY | O_CREAT | O_NOFOLLOW, true);
    if (out->fd < 0)
        return fail(STATUS_NO_OUTPUT, "%s cannot be written: %s", path, strerror(errno));
    if (ftruncate(out->fd, 0) != 0) out->error = errno; /* of one that was killed */
    return STATUS_OK;
}

void file_put(struct file_out *out, const void *data, size_t bytes)
{
    if (!out->error) out->error = write_all(out->fd, data, bytes);
}

enum status file_end(struct file_out *out)
{
    if (!out->error && fsync(out->fd) != 0) out->error = errno;
    if (!out->error && !(out->named ? rename(out->beside, out->path) == 0 : give_name(out)))
        out->error = errno;
    if (out->error && out->named) unlink(out->beside);
    close(out->fd); /* last: another may be waiting for it */
    if (!out->error) return STATUS_OK;
    return fail(STATUS_NO_OUTPUT, "%s: %s", out->path, strerror(out->error));
}

enum status file_write(const char *path, const char *text)
{
    struct file_out out;
    if (strcmp(path, "-") == 0) {
        fflush(stdout);
        const int error = write_all(STDOUT_FILENO, text, strlen(text));
        if (!error) return STATUS_OK;
        return fail(STATUS_NO_OUTPUT, "the standard output: %s", strerror(error));
    }
    const enum status status = file_begin(&out, path);
    if (status != STATUS_OK) return status;
    file_put(&out, text, strlen(text));
    return file_end(&out);
}

enum status file_writable(const char *path)
{
    struct file_out out;
    if (strcmp(path, "-") == 0) return STATUS_OK;
    const enum status status = file_begin(&out, path);
    if (status != STATUS_OK) return status;
    if (out.named) unlink(out.beside);
    close(out.fd);
    return STATUS_OK;
}

enum status folder_writable(const char *path)
{
    struct stat there;
    char probe[1000];
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return fail(STATUS_NO_OUTPUT, "%s cannot be made: %s", path, strerror(errno));
    if (stat(path, &there) != 0 || !S_ISDIR(there.st_mode))
        return fail(STATUS_NO_OUTPUT, "%s is no folder", path);
    if (snprintf(probe, sizeof probe, "%s/writable", path) >= (int)sizeof probe)
        return fail(STATUS_NO_OUTPUT, "%s: the path is too long", path);
    return file_writable(probe);
}
