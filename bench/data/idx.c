/* IDX files: images and labels as bytes, as MNIST has them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "model/format.h"
#include "parts.h"

static uint32_t big_endian(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* An IDX file of a folder. */
struct idx {
    char path[DATA_PATH];
    gzFile file;
    uint64_t bytes;   /* as it lies there */
    uint32_t size[3]; /* of its dimensions */
};

/* FOLDER/NAME or FOLDER/NAME.gz. */
static enum status find_idx(struct idx *f, const char *folder, const char *name)
{
    struct input input;
    snprintf(f->path, DATA_PATH, "%s/%s", folder, name);
    enum status status = input_open(&input, f->path);
    if (status != STATUS_OK) {
        input_close(&input);
        snprintf(f->path, DATA_PATH, "%s/%s.gz", folder, name);
        status = input_open(&input, f->path);
    }
    if (status == STATUS_OK && !(f->file = gzdopen(input.fd, "rb")))
        status = fail(STATUS_OS, "%s: no memory to read it", f->path);
    if (!f->file) input_close(&input);
    f->bytes = input.bytes;
    return status;
}

/* Reads the sizes of so many dimensions, behind the magic number. To be closed whatever the status. */
static enum status open_idx(struct idx *f, const char *folder, const char *name, unsigned dims)
{
    unsigned char head[16];
    const int need = (int)(4 + 4 * dims);
    *f = (struct idx){.file = NULL};
    const enum status status = find_idx(f, folder, name);
    if (status != STATUS_OK) return status;
    if (gzread(f->file, head, (unsigned)need) != need)
        return fail(STATUS_DATA, "%s: shorter than its %d-byte header", f->path, need);
    if (big_endian(head) != 0x800 + dims)
        return fail(STATUS_DATA,
                    "%s: magic number %u, an IDX file of bytes in %u dimensions has %u", f->path,
                    big_endian(head), dims, 0x800 + dims);
    for (unsigned d = 0; d < dims; d++) f->size[d] = big_endian(head + 4 + 4 * d);
    return STATUS_OK;
}

static void close_idx(struct idx *f)
{
    if (f->file) gzclose(f->file);
}

/* Before memory is asked for: deflate makes at most 1032 bytes of one (zlib.net/zlib_tech.html). */
static enum status check_images(const struct idx *f)
{
    enum { MOST_IMAGES = 1 << 20, MOST_SIDE = 1024, MOST_OF_ONE = 1032 };
    const uint32_t *size = f->size;
    if (size[0] == 0 || size[0] > MOST_IMAGES || size[1] == 0 || size[2] == 0 ||
        size[1] > MOST_SIDE || size[2] > MOST_SIDE)
        return fail(STATUS_DATA, "%s: says %u images of %u x %u pixels", f->path, size[0], size[1],
                    size[2]);
    if ((uint64_t)size[0] * size[1] * size[2] / MOST_OF_ONE <= f->bytes) return STATUS_OK;
    return fail(STATUS_DATA, "%s: its %llu bytes do not hold the %u images of %u x %u that it says",
                f->path, (unsigned long long)f->bytes, size[0], size[1], size[2]);
}

static enum status read_pixels(struct data *data, const struct idx *f)
{
    unsigned char *pixels = malloc(data->cols);
    enum status status = pixels ? STATUS_OK : fail(STATUS_OS, "%s: no memory", f->path);
    for (size_t r = 0; status == STATUS_OK && r < data->rows; r++) {
        if (gzread(f->file, pixels, (unsigned)data->cols) != (int)data->cols)
            status = fail(STATUS_DATA, "%s: ends in image %zu of %zu", f->path, r + 1, data->rows);
        for (size_t i = 0; status == STATUS_OK && i < data->cols; i++)
            data->x[r * data->cols + i] = (float)pixels[i];
    }
    free(pixels);
    return status;
}

static enum status read_images(struct data *data, const char *folder, const char *name)
{
    struct idx f;
    enum status status = open_idx(&f, folder, name, 3);
    if (status == STATUS_OK) status = check_images(&f);
    if (status == STATUS_OK) {
        data->rows = f.size[0];
        data->cols = (size_t)f.size[1] * f.size[2];
        status = data_reserve(data, f.path);
    }
    if (status == STATUS_OK) status = read_pixels(data, &f);
    close_idx(&f);
    return status;
}

static enum status read_labels(struct data *data, const char *folder, const char *name)
{
    struct idx f;
    enum status status = open_idx(&f, folder, name, 1);
    if (status == STATUS_OK && f.size[0] != data->rows)
        status = fail(STATUS_DATA, "%s: %u labels for %zu images", f.path, f.size[0], data->rows);
    if (status == STATUS_OK && gzread(f.file, data->label, (unsigned)data->rows) != (int)data->rows)
        status = fail(STATUS_DATA, "%s: ends before its %zu labels", f.path, data->rows);
    for (size_t r = 0; status == STATUS_OK && r < data->rows; r++)
        if (data->label[r] > 9)
            status =
                fail(STATUS_DATA, "%s: label %zu is %u, not 0..9", f.path, r + 1, data->label[r]);
    close_idx(&f);
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
