/* IDX files: images and labels as bytes, as MNIST has them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "parts.h"

static uint32_t big_endian(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Opens FOLDER/NAME or FOLDER/NAME.gz and reads the header's `dims` sizes behind the magic number.
 */
static enum status open_idx(const char *folder, const char *name, unsigned dims, uint32_t size[],
                            char path[DATA_PATH], gzFile *file)
{
    unsigned char head[16];
    const int need = (int)(4 + 4 * dims);
    snprintf(path, DATA_PATH, "%s/%s", folder, name);
    *file = gzopen(path, "rb");
    if (!*file) {
        snprintf(path, DATA_PATH, "%s/%s.gz", folder, name);
        *file = gzopen(path, "rb");
    }
    if (!*file) return fail(STATUS_NO_INPUT, "%s/%s[.gz]: %s", folder, name, strerror(errno));
    if (gzread(*file, head, (unsigned)need) != need)
        return fail(STATUS_DATA, "%s: shorter than its %d-byte header", path, need);
    if (big_endian(head) != 0x800 + dims)
        return fail(STATUS_DATA,
                    "%s: magic number %u, an IDX file of bytes in %u dimensions has %u", path,
                    big_endian(head), dims, 0x800 + dims);
    for (unsigned d = 0; d < dims; d++) size[d] = big_endian(head + 4 + 4 * d);
    return STATUS_OK;
}

static enum status read_images(struct data *data, const char *folder, const char *name)
{
    uint32_t size[3] = {0};
    char path[DATA_PATH];
    gzFile file = NULL;
    unsigned char *pixels = NULL;
    enum status status = open_idx(folder, name, 3, size, path, &file);
    if (status == STATUS_OK && (size[0] == 0 || size[0] > 1u << 20 || size[1] == 0 ||
                                size[2] == 0 || size[1] > 1024 || size[2] > 1024))
        status = fail(STATUS_DATA, "%s: says %u images of %u x %u pixels", path, size[0], size[1],
                      size[2]);
    if (status == STATUS_OK) {
        data->rows = size[0];
        data->cols = (size_t)size[1] * size[2];
        status = data_reserve(data, path);
    }
    if (status == STATUS_OK && !(pixels = malloc(data->cols)))
        status = fail(STATUS_OS, "%s: no memory", path);
    for (size_t r = 0; status == STATUS_OK && r < data->rows; r++) {
        if (gzread(file, pixels, (unsigned)data->cols) != (int)data->cols)
            status = fail(STATUS_DATA, "%s: ends in image %zu of %zu", path, r + 1, data->rows);
        for (size_t i = 0; status == STATUS_OK && i < data->cols; i++)
            data->x[r * data->cols + i] = (float)pixels[i];
    }
    free(pixels);
    if (file) gzclose(file);
    return status;
}

static enum status read_labels(struct data *data, const char *folder, const char *name)
{
    uint32_t size[1] = {0};
    char path[DATA_PATH];
    gzFile file = NULL;
    enum status status = open_idx(folder, name, 1, size, path, &file);
    if (status == STATUS_OK && size[0] != data->rows)
        status = fail(STATUS_DATA, "%s: %u labels for %zu images", path, size[0], data->rows);
    if (status == STATUS_OK && gzread(file, data->label, (unsigned)data->rows) != (int)data->rows)
        status = fail(STATUS_DATA, "%s: ends before its %zu labels", path, data->rows);
    for (size_t r = 0; status == STATUS_OK && r < data->rows; r++)
        if (data->label[r] > 9)
            status =
                fail(STATUS_DATA, "%s: label %zu is %u, not 0..9", path, r + 1, data->label[r]);
    if (file) gzclose(file);
    return status;
}

/* As it is read. STATUS_NO_INPUT where there are no such files. */
static enum status read_set(struct data *data, const char *folder, const char *set)
{
    char images[64], labels[64];
    snprintf(images, sizeof images, "%s-images-idx3-ubyte", set);
    snprintf(labels, sizeof labels, "%s-labels-idx1-ubyte", set);
    *data = (struct data){0};
    snprintf(data->name, sizeof data->name, "idx-%s", set);
    enum status status = read_images(data, folder, images);
    if (status == STATUS_OK) status = read_labels(data, folder, labels);
    if (status != STATUS_OK) data_close(data);
    return status;
}

enum status data_open_idx(struct data *data, const char *folder)
{
    static const char *const set[] = {"t10k", "train"};
    enum status status = STATUS_NO_INPUT;
    for (size_t s = 0; s < 2 && status == STATUS_NO_INPUT; s++)
        status = read_set(data, folder, set[s]);
    if (status == STATUS_NO_INPUT)
        return fail(STATUS_NO_INPUT, "--data %s: no t10k- or train-images-idx3-ubyte[.gz] there",
                    folder);
    if (status == STATUS_OK) data_standardize(data);
    return status;
}

enum status data_open_mnist(struct data *train, struct data *test, const char *folder)
{
    char path[DATA_PATH];
    if (!folder) data_path(path, "mnist");
    if (!folder) folder = path;
    *test = (struct data){0};
    enum status status = read_set(train, folder, "train");
    if (status == STATUS_OK) status = read_set(test, folder, "t10k");
    if (status == STATUS_OK && test->cols != train->cols)
        status = fail(STATUS_DATA, "%s: images of %zu pixels in train, of %zu in t10k", folder,
                      train->cols, test->cols);
    if (status != STATUS_OK) {
        data_close(train);
        data_close(test);
        return status;
    }
    const size_t count = train->rows * train->cols;
    const struct scaling by = data_scaling(train->x, count, 1);
    data_scale(train->x, count, 1, by);
    data_scale(test->x, test->rows * test->cols, 1, by);
    return STATUS_OK;
}
