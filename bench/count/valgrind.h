/* valgrind: this program once more, under callgrind. */
#ifndef COUNT_VALGRIND_H
#define COUNT_VALGRIND_H

#include <stdio.h>

#include "base/status.h"

/* The option that makes `hinge count` the counted process; not in its --help. */
#define COUNT_INSIDE "--inside"

/* Room for a path. */
enum { VALGRIND_PATH = 4096 };

/* Runs `valgrind --tool=callgrind` on this program, `program` from here on, as `hinge count` with argv[1..] and COUNT_INSIDE,
 * its threads waiting passively. *profile is what callgrind wrote, to be closed; it is in memory alone, so that nothing is
 * left behind. STATUS_UNAVAILABLE where valgrind is missing or fails, with its first words. Where the counted process fails
 * by itself it has printed its own sentence: *told is its exit code, the result not STATUS_OK. */
enum status valgrind_run(char **argv, char program[VALGRIND_PATH], FILE **profile, int *told);

#endif
