/* read_text: the bytes of a stranger's file, and the JSON in them, within bounds that are checked first. */
#ifndef REPORT_READ_TEXT_H
#define REPORT_READ_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* A regular file of at most READ_BYTES_MAX; *text is the caller's to free. */
enum status read_load(const char *path, char **text, size_t *bytes);
/* The same as a stream of its lines; the caller closes it, then frees *text. */
enum status read_as_lines(const char *path, FILE **lines, char **text);
/* JSON of at most READ_VALUES_MAX values in which no key stands twice; a new reference. Its texts are plain. */
enum status read_parse(const char *path, const char *text, size_t bytes, json_t **root);

/* Makes its texts plain (base/plain.h), though not its keys; NULL is too. False where there is no memory. */
bool read_plain(json_t *value);

#endif
