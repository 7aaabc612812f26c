/* states: a folder beside a file of rows, with a file for each training that is under way: what a run that is resumed
 * goes on from.
 */
#ifndef STUDIES_STATES_H
#define STUDIES_STATES_H

#include "base/status.h"

enum { STATES_PATH = 1100 };

struct states {
    char folder[1000]; /* "": none is kept */
};

/* FILE.states of that file of rows; NULL: none. STATUS_NO_OUTPUT where it cannot be made. */
enum status states_open(struct states *states, const char *rows);
/* The file for the training that `key` describes, named with that end; NULL: none is kept. */
const char *states_path(const struct states *states, const char *key, const char *end,
                        char path[STATES_PATH]);
/* And what a program that was killed while it wrote has left of it. */
void states_remove(const struct states *states, const char *key, const char *end);
/* The folder, where it is empty. */
void states_close(const struct states *states);

#endif
