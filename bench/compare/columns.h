/* columns: what stands side by side in a comparison of machines or settings: files, or the lanes, numbers of threads,
 * ... of one file; and which of their rows are the same but for that. */
#ifndef COMPARE_COLUMNS_H
#define COMPARE_COLUMNS_H

#include "compare/versions.h"

/* What a row's name says of how its case was run. */
enum axis { AXIS_ISA, AXIS_THREADS, AXIS_CACHE, AXIS_FTZ, AXIS_COUNT };
enum { AXIS_TEXT = 32, COLUMN_NAME = 96 };
#define AXIS_BIT(axis) (1u << (axis))

/* AXIS_COUNT where no axis has that name: "isa", "threads", "cache", "ftz". */
enum axis axis_from_name(const char *name);
const char *axis_name(enum axis axis);
/* "avx2", "2 threads", "cold", "FTZ". */
const char *axis_value(const struct read_row *row, enum axis axis, char text[AXIS_TEXT]);

struct column {
    const struct read_file *file;
    char only[AXIS_TEXT]; /* of a single file: the value of its rows along the axis */
    char name[COLUMN_NAME];
};

struct columns {
    struct column *at;
    size_t count;
    enum axis by;     /* AXIS_COUNT: columns are files */
    unsigned dropped; /* AXIS_BIT()s that tell columns apart: they do not tell rows apart */
    struct differences settings; /* between the first file and any other, each once */
    struct differences machine;
};

/* Of files: a column each. Where each has one value alone along an axis, and not all the same, that is what tells them
 * apart; names say it, with the settings and machines that differ. by: of file[0] alone, a column for each value;
 * STATUS_DATA where there is one value. columns_close() in any case. */
enum status columns_open(struct columns *c, const struct read_file *file, size_t files,
                         const struct selection *selection, enum axis by);
void columns_close(struct columns *c);

/* Whether the row is timed, selected and the column's. */
bool columns_has(const struct columns *c, size_t column, const struct read_row *row,
                 const struct selection *selection);
/* The name of the row without what tells columns apart, to be freed; NULL where there is no memory. */
char *columns_key(const struct columns *c, const struct read_row *row);

#endif
