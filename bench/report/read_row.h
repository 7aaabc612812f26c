/* read_row: one row of a result file, for read.c. Sentences name the file, the row and the field. */
#ifndef REPORT_READ_ROW_H
#define REPORT_READ_ROW_H

#include "report/read.h"

/* *name of element i of "benchmarks", NULL where it is an aggregate. */
enum status read_row_name(const struct read_file *file, const json_t *json, size_t i,
                          const char **name);
/* A row of hinge. */
enum status read_own_row(const struct read_file *file, const json_t *json, struct read_row *row);
/* A row of Google Benchmark: one more sample of it. */
enum status read_foreign_row(const struct read_file *file, const json_t *json, struct read_row *row,
                             bool is_new);
/* Medians of the processes. False where there is no memory. */
bool read_row_medians(struct read_row *row);

#endif
