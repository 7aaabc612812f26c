/* file: a text written whole or not at all. */
#ifndef REPORT_FILE_H
#define REPORT_FILE_H

#include "base/status.h"

/* Written beside, synced and renamed: the file is whole or as it was. "-" is the standard output.
 * STATUS_NO_OUTPUT names the path. */
enum status file_write(const char *path, const char *text);
/* The same test before hours are spent: can a file be made there? */
enum status file_writable(const char *path);

#endif
