/* child: another program, started without a shell; it is sent lines on its standard input, and what it
 * prints on its standard output is read line by line. It inherits the environment, the standard error
 * unless `quiet`, and the CPUs of the caller: par_unbind() and par_release() come first. */
#ifndef MEASURE_CHILD_H
#define MEASURE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/status.h"

enum { CHILD_ROOM = 4096 };

struct child {
    pid_t pid;
    int socket;               /* its standard input and output */
    char pending[CHILD_ROOM]; /* read, but not yet handed out */
    size_t used;
};

/* argv ends in NULL; argv[0] is looked for in PATH unless it has a slash. STATUS_UNAVAILABLE where there is no
 * such program. */
enum status child_start(struct child *child, char *const argv[], bool quiet);
/* False where nobody reads any more. */
bool child_send(struct child *child, const char *line);
/* The next line without its end, of a longer one the first part; false where it ended or `until` (of
 * clock_seconds()) passed. */
bool child_line(struct child *child, double until, char line[CHILD_ROOM]);
/* Ends its input and waits; kills it at `until`. Returns its exit code, 128 plus the number of a signal. */
int child_end(struct child *child, double until);

#endif
