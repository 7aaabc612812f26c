#include "parts.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/arena.h"

#ifndef HINGE_DATA_DIR
#define HINGE_DATA_DIR "bench/data"
#endif

struct scaling data_scaling(const float *x, size_t count, size_t ld)
{
    double sum = 0.0, square = 0.0;
    for (size_t i = 0; i < count; i++) sum += x[i * ld];
    const double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) square += (x[i * ld] - mean) * (x[i * ld] - mean);
    return (struct scaling){mean, square > 0.0 ? 1.0 / sqrt(square / (double)count) : 1.0};
}

void data_scale(float *x, size_t count, size_t ld, struct scaling by)
{
    for (size_t i = 0; i < count; i++) x[i * ld] = (float)((x[i * ld] - by.mean) * by.factor);
}

void data_standardize(struct data *data)
{
    const size_t count = data->rows * data->cols;
    data_scale(data->x, count, 1, data_scaling(data->x, count, 1));
}

enum status data_reserve(struct data *data, const char *path)
{
    const double bytes = (double)data->rows * ((double)data->cols * sizeof *data->x + 1.0);
    const enum status fits = arena_fits(bytes, 0, path);
    if (fits != STATUS_OK) return fits;
    data->x = malloc(data->rows * data->cols * sizeof *data->x);
    data->label = malloc(data->rows);
    if (data->x && data->label) return STATUS_OK;
    data_close(data);
    return fail(STATUS_OS, "%s: no memory for %zu x %zu numbers", path, data->rows, data->cols);
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

void data_path(char path[DATA_PATH], const char *file)
{
    const char *folder = getenv("HINGE_DATA");
    char self[DATA_PATH];
    if (folder) {
        snprintf(path, DATA_PATH, "%s/%s", folder, file);
        return;
    }
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    char *name = strrchr(self, '/');
    if (name) *name = '\0';
    if (snprintf(path, DATA_PATH, "%s/../share/hinge/%s", self, file) >= DATA_PATH ||
        access(path, R_OK) != 0)
        snprintf(path, DATA_PATH, "%s/%s", HINGE_DATA_DIR, file);
}

enum status data_read_lines(struct data *data, const char *file,
                            enum status (*parse)(struct data *data, size_t row, char *line,
                                                 const char *path))
{
    char path[DATA_PATH], line[512];
    data_path(path, file);
    gzFile gz = gzopen(path, "rb");
    if (!gz) return fail(STATUS_NO_INPUT, "%s: %s", path, strerror(errno));
    enum status status = data_reserve(data, path);
    size_t row = 0;
    for (; status == STATUS_OK && row < data->rows && gzgets(gz, line, sizeof line); row++)
        status = parse(data, row, line, path);
    int code;
    const char *text = gzerror(gz, &code);
    if (status == STATUS_OK && code != Z_OK && code != Z_STREAM_END)
        status = fail(STATUS_DATA, "%s: %s", path, text);
    if (status == STATUS_OK && row < data->rows)
        status = fail(STATUS_DATA, "%s: ends after %zu of %zu lines", path, row, data->rows);
    gzclose(gz);
    if (status != STATUS_OK) data_close(data);
    return status;
}

enum status data_open_digits(struct data *data)
{
    *data = (struct data){.name = "digits", .rows = 1797, .cols = 64};
    const enum status status = data_read_lines(data, "digits.csv.gz", parse_digit);
    if (status == STATUS_OK) data_standardize(data);
    return status;
}
