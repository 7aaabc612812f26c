/* json_file: a JSON value as a file, whole or not at all. */
#ifndef REPORT_JSON_FILE_H
#define REPORT_JSON_FILE_H

#include <jansson.h>

#include "base/status.h"

/* Indented, numbers with so many digits; - is the standard output. Takes the reference; NULL: memory was short, and
 * that is the answer. */
enum status json_file_write(const char *path, json_t *root, int digits);

#endif
