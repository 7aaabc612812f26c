#include "data.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/arena.h"
#include "model/format.h"

#ifndef HINGE_DATA_DIR
#define HINGE_DATA_DIR "bench/data"
#endif

enum { PATH_MAX_LEN = 1024 };

static void standardize(struct data *data)
{
    const size_t count = data->rows * data->cols;
    double sum = 0.0, square = 0.0;
    for (size_t i = 0; i < count; i++) sum += data->x[i];
    const double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) square += (data->x[i] - mean) * (data->x[i] - mean);
    const double factor = square > 0.0 ? 1.0 / sqrt(square / (double)count) : 1.0;
    for (size_t i = 0; i < count; i++) data->x[i] = (float)((data->x[i] - mean) * factor);
}

static enum status reserve(struct data *data, const char *path)
{
    const double bytes = (double)data->rows * ((double)data->cols * sizeof *data->x + 1.0);
    const enum status fits = arena_fits(bytes, 0, path);
    if (fits != STATUS_OK) return fits;
    data->x = malloc(data->rows * data->cols * sizeof *data->x);
    data->label = malloc(data->rows);
    if (data->x && data->label) return STATUS_OK;
    return fail(STATUS_OS, "%s: no memory for %zu x %zu pixels", path, data->rows, data->cols);
}

void data_close(struct data *data)
{
    free(data->x);
    free(data->label);
    *data = (struct data){0};
}

/* One line of `cols` pixels 0..16 and a class 0..9, comma separated. */
static enum status parse_digit(struct data *data, size_t row, char *line, const char *path)
{
    char *at = line, *end;
    for (size_t i = 0; i <= data->cols; i++) {
        errno = 0;
        const long value = strtol(at, &end, 10);
        const long most = i < data->cols ? 16 : 9;
        if (end == at || errno || value < 0 || value > most)
            return fail(STATUS_DATA, "%s:%zu: field %zu is not an integer of 0..%ld", path, row + 1,
                        i + 1, most);
        if (*end != (i < data->cols ? ',' : '\n') && !(i == data->cols && *end == '\0'))
            return fail(STATUS_DATA, "%s:%zu: expected %zu comma-separated integers", path, row + 1,
                        data->cols + 1);
        at = end + 1;
        if (i < data->cols)
            data->x[row * data->cols + i] = (float)value;
        else
            data->label[row] = (uint8_t)value;
    }
    return STATUS_OK;
}

/* HINGE_DATA, else as installed with the program, else the tree that it was built from. */
static void digits_path(char path[PATH_MAX_LEN])
{
    const char *folder = getenv("HINGE_DATA");
    char self[PATH_MAX_LEN];
    if (folder) {
        snprintf(path, PATH_MAX_LEN, "%s/digits.csv.gz", folder);
        return;
    }
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    char *name = strrchr(self, '/');
    if (name) *name = '\0';
    if (snprintf(path, PATH_MAX_LEN, "%s/../share/hinge/digits.csv.gz", self) >= PATH_MAX_LEN ||
        access(path, R_OK) != 0)
        snprintf(path, PATH_MAX_LEN, "%s/digits.csv.gz", HINGE_DATA_DIR);
}

enum status data_open_digits(struct data *data)
{
    enum { ROWS = 1797, COLS = 64 };
    char path[PATH_MAX_LEN], line[512];
    *data = (struct data){.name = "digits", .rows = ROWS, .cols = COLS};
    digits_path(path);
    gzFile file = gzopen(path, "rb");
    if (!file) return fail(STATUS_NO_INPUT, "%s: %s", path, strerror(errno));
    enum status status = reserve(data, path);
    size_t row = 0;
    for (; status == STATUS_OK && row < ROWS && gzgets(file, line, sizeof line); row++)
        status = parse_digit(data, row, line, path);
    int code;
    const char *text = gzerror(file, &code);
    if (status == STATUS_OK && code != Z_OK && code != Z_STREAM_END)
        status = fail(STATUS_DATA, "%s: %s", path, text);
    if (status == STATUS_OK && row < ROWS)
        status = fail(STATUS_DATA, "%s: ends after %zu of %d lines", path, row, ROWS);
    gzclose(file);
    if (status != STATUS_OK) {
        data_close(data);
        return status;
    }
    standardize(data);
    return STATUS_OK;
}

static uint32_t big_endian(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* An IDX file of a folder. */
struct idx {
    char path[PATH_MAX_LEN];
    gzFile file;
    uint64_t bytes;   /* as it lies there */
    uint32_t size[3]; /* of its dimensions */
};

/* FOLDER/NAME or FOLDER/NAME.gz. */
static enum status find_idx(struct idx *f, const char *folder, const char *name)
{
    struct input input;
    snprintf(f->path, PATH_MAX_LEN, "%s/%s", folder, name);
    enum status status = input_open(&input, f->path);
    if (status != STATUS_OK) {
        input_close(&input);
        snprintf(f->path, PATH_MAX_LEN, "%s/%s.gz", folder, name);
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
        status = reserve(data, f.path);
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

enum status data_open_idx(struct data *data, const char *folder)
{
    static const char *const set[] = {"t10k", "train"};
    enum status status = STATUS_NO_INPUT;
    for (size_t s = 0; s < 2 && status == STATUS_NO_INPUT; s++) {
        char images[64], labels[64];
        snprintf(images, sizeof images, "%s-images-idx3-ubyte", set[s]);
        snprintf(labels, sizeof labels, "%s-labels-idx1-ubyte", set[s]);
        *data = (struct data){0};
        snprintf(data->name, sizeof data->name, "idx-%s", set[s]);
        status = read_images(data, folder, images);
        if (status == STATUS_OK) status = read_labels(data, folder, labels);
        if (status != STATUS_OK) data_close(data);
    }
    if (status == STATUS_NO_INPUT)
        return fail(STATUS_NO_INPUT, "--data %s: no t10k- or train-images-idx3-ubyte[.gz] there",
                    folder);
    if (status == STATUS_OK) standardize(data);
    return status;
}
