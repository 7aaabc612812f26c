/* text_file: a whole file in memory, for the readers of circuits. */
#ifndef CIRCUITS_TEXT_FILE_H
#define CIRCUITS_TEXT_FILE_H

#include <stddef.h>

#include "base/status.h"

/* To be freed; a byte 0 behind the last. STATUS_NO_INPUT where it cannot be read, STATUS_DATA where it is beyond 1
 * GiB. */
enum status text_file_read(const char *path, char **text, size_t *size);
/* STATUS_DATA where a byte 0 would hide what comes behind it. */
enum status text_file_check(const char *path, const char *text, size_t size);

#endif
