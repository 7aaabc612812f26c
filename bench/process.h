/* process: other programs, started without a shell. argv ends in NULL; argv[0] is looked up in PATH. */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <stddef.h>

#include "base/status.h"

/* Waits for it. What it prints goes to the file `log`, which is emptied first; NULL: nowhere. STATUS_UNAVAILABLE
 * where it cannot be started or does not exit with 0; the sentence names the program, its exit and the log. */
enum status process_run(const char *const argv[], const char *log);

/* The same, but what it prints on its standard output becomes `text`, without the last newline. STATUS_DATA
 * where that is longer than size - 1. */
enum status process_read(const char *const argv[], char *text, size_t size);

#endif
