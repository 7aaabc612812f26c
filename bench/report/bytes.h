/* bytes: text of unknown origin on its way to a terminal. */
#ifndef REPORT_BYTES_H
#define REPORT_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Writes what of the n bytes is printable UTF-8, a line feed or a tab as it is, and each other byte as \xNN: nothing that
 * a terminal would take for a command. Returns how many it has written: unless `last`, a character that is not whole
 * yet is left for later. */
size_t bytes_show(FILE *out, const unsigned char *bytes, size_t n, bool last);

#endif
