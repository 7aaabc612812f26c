#include "checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format.h"

static const struct format *format_of(const char *path)
{
    const struct format *const formats[] = {&safetensors_format, &llmc_bin_format};
    const size_t length = strlen(path);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const size_t suffix = strlen(formats[i]->suffix);
        if (length > suffix && strcmp(path + length - suffix, formats[i]->suffix) == 0)
            return formats[i];
    }
    return NULL;
}

enum status checkpoint_named(const char *path)
{
    if (format_of(path)) return STATUS_OK;
    return fail(STATUS_USAGE, "%s ends in neither .safetensors nor .bin", path);
}

enum status input_read(const struct input *file, uint64_t offset, void *dst, size_t bytes)
{
    char *to = dst;
    while (bytes) {
        const ssize_t got = pread(file->fd, to, bytes, (off_t)offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(STATUS_NO_INPUT, "%s: %s", file->path, strerror(errno));
        if (got == 0) return fail(STATUS_DATA, "%s: became shorter while it was read", file->path);
        to += got;
        offset += (uint64_t)got;
        bytes -= (size_t)got;
    }
    return STATUS_OK;
}

enum status input_open(struct input *file, const char *path)
{
    struct stat about;
    /* Without O_NONBLOCK a pipe would keep us until somebody writes to it. */
    *file = (struct input){path, open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), 0};
    if (file->fd < 0 || fstat(file->fd, &about) != 0)
        return fail(STATUS_NO_INPUT, "%s: %s", path, strerror(errno));
    if (!S_ISREG(about.st_mode)) return fail(STATUS_NO_INPUT, "%s: not a regular file", path);
    file->bytes = (uint64_t)about.st_size;
    return STATUS_OK;
}

void input_close(struct input *file)
{
    if (file->fd >= 0) close(file->fd);
    file->fd = -1;
}

enum status checkpoint_read(struct gpt2 *model, const char *path, size_t heads)
{
    struct input file;
    *model = (struct gpt2){0};
    enum status status = checkpoint_named(path);
    if (status != STATUS_OK) return status;
    status = input_open(&file, path);
    if (status == STATUS_OK) status = format_of(path)->read(model, &file, heads);
    input_close(&file);
    if (status != STATUS_OK) gpt2_close(model);
    return status;
}

enum status checkpoint_write(const struct gpt2 *model, const char *path)
{
    struct file_out out;
    enum status status = checkpoint_named(path);
    if (status == STATUS_OK) status = file_begin(&out, path);
    if (status != STATUS_OK) return status;
    format_of(path)->write(model, &out);
    return file_end(&out);
}
