/* The wines: 178 lines of 13 numbers and a class. */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "parts.h"

enum { ROWS = 178, COLS = 13, CLASSES = 3 };

static enum status parse(struct data *data, size_t row, char *line, const char *path)
{
    char *at = line, *end;
    for (size_t i = 0; i <= COLS; i++) {
        const double value = strtod(at, &end);
        const bool last = i == COLS;
        if (end == at || !(fabs(value) <= FLT_MAX) ||
            (last && (value != floor(value) || value < 0.0 || value >= CLASSES)))
            return fail(STATUS_DATA, "%s:%zu: field %zu is no %s", path, row + 1, i + 1,
                        last ? "class of 0..2" : "number");
        if (*end != (last ? '\n' : ','))
            return fail(STATUS_DATA, "%s:%zu: expected %d numbers and a class, comma-separated",
                        path, row + 1, COLS);
        at = end + 1;
        if (last)
            data->label[row] = (uint8_t)value;
        else
            data->x[row * COLS + i] = (float)value;
    }
    return STATUS_OK;
}

enum status data_open_wine(struct data *data)
{
    *data = (struct data){.name = "wine", .rows = ROWS, .cols = COLS};
    const enum status status = data_read_lines(data, "wine.csv.gz", parse);
    for (size_t i = 0; status == STATUS_OK && i < COLS; i++)
        data_scale(data->x + i, ROWS, COLS, data_scaling(data->x + i, ROWS, COLS));
    return status;
}
