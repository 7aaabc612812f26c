/* file: written whole or not at all. */
#ifndef REPORT_FILE_H
#define REPORT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* Written to a file without a name in the same folder, synced, and put in its place: the file is whole or as it was; of two
 * programs that write it at once the later one's. A program that is killed leaves nothing, but the whole as FILE.new where that
 * happens between the two calls that replace a file; the next one removes it. So it is called all the time on a file system
 * that has no files without names, and there may be half of it. "-" is the standard output. STATUS_NO_OUTPUT names the path. */
enum status file_write(const char *path, const char *text);
/* The same test before hours are spent: can a file be made there? */
enum status file_writable(const char *path);

/* Opens the file for this program alone until it is closed: -1 and errno, EWOULDBLOCK where another has it, unless that
 * is to be waited for. On a file system without locks it is merely opened. */
int file_hold(const char *path, int flags, bool wait);

/* Makes the folder where it is not there, but none above it, and sees that a file can be made in it. */
enum status folder_writable(const char *path);

/* A file piece by piece. After a failure, file_put() does nothing and file_end() reports the first. */
struct file_out {
    const char *path;
    char beside[1024];
    int fd, error; /* errno of the first failure */
    bool named;    /* it is `beside` */
};
enum status file_begin(struct file_out *out, const char *path);
void file_put(struct file_out *out, const void *data, size_t bytes);
enum status file_end(struct file_out *out);

#endif
