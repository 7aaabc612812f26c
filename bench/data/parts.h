/* parts: what the readers of data sets share. */
#ifndef DATA_PARTS_H
#define DATA_PARTS_H

#include "data.h"

enum { DATA_PATH = 1024 };

/* A file of the folder that HINGE_DATA names, else as installed with the program, else of the tree that it was built
 * from. */
void data_path(char path[DATA_PATH], const char *file);

/* Room for rows x cols numbers and the labels; STATUS_OS, and nothing is there, where memory is short. */
enum status data_reserve(struct data *data, const char *path);

/* All rows and labels of a gzipped file in that folder: data has its name and sizes, parse() takes line `row`, from 0. What
 * fails leaves nothing open. */
enum status data_read_lines(struct data *data, const char *file,
                            enum status (*parse)(struct data *data, size_t row, char *line,
                                                 const char *path));

struct scaling {
    double mean, factor; /* 1 where all numbers are the same */
};
/* That to zero mean and unit mean square, of count >= 1 numbers x[i * ld]. */
struct scaling data_scaling(const float *x, size_t count, size_t ld);
void data_scale(float *x, size_t count, size_t ld, struct scaling by);
/* All numbers of the set alike. */
void data_standardize(struct data *data);

#endif
