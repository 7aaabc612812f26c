/* dialogue: another program, started without a shell; it is sent lines on its standard input, and what it
 * prints on its standard output is read line by line. It inherits the environment, the standard error
 * unless `quiet`, and the CPUs of the caller: par_unbind() and par_release() come first. */
#ifndef MEASURE_DIALOGUE_H
#define MEASURE_DIALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/status.h"

enum { DIALOGUE_ROOM = 4096 };

struct dialogue {
    pid_t pid;
    int socket;                  /* its standard input and output */
    char pending[DIALOGUE_ROOM]; /* read, but not yet handed out */
    size_t used;
};

/* argv ends in NULL; argv[0] is looked for in PATH unless it has a slash. STATUS_UNAVAILABLE where there is no
 * such program. */
enum status dialogue_start(struct dialogue *child, char *const argv[], bool quiet);
/* False where nobody reads any more. */
bool dialogue_send(struct dialogue *child, const char *line);
/* The next line without its end, of a longer one the first part; false where it ended or `until` (of
 * clock_seconds()) passed. */
bool dialogue_line(struct dialogue *child, double until, char line[DIALOGUE_ROOM]);
/* Ends its input and waits; kills it at `until`. Returns its exit code, 128 plus the number of a signal. */
int dialogue_end(struct dialogue *child, double until);

#endif
