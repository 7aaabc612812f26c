/* format: what checkpoint.c needs of a file format, and what the formats share. */
#ifndef MODEL_FORMAT_H
#define MODEL_FORMAT_H

#include <stdint.h>

#include "gpt2.h"
#include "report/file.h"

struct input {
    const char *path;
    int fd;
    uint64_t bytes;
};

/* To be closed whatever the status. */
enum status input_open(struct input *file, const char *path);
void input_close(struct input *file);
/* STATUS_DATA where the file ends first. */
enum status input_read(const struct input *file, uint64_t offset, void *dst, size_t bytes);

struct format {
    const char *suffix;
    /* On failure the model may be open. */
    enum status (*read)(struct gpt2 *model, const struct input *file, size_t heads);
    void (*write)(const struct gpt2 *model, struct file_out *out);
};
extern const struct format safetensors_format, llmc_bin_format;

#endif
