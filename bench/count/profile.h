/* profile: the counts in what callgrind wrote.
 *
 * Of each part of the file that stands for one counted call: what this program's own code took in all threads, and what it
 * took in functions of the C and the mathematical library, such as memcpy(), that it called. Left out are read_call(), which
 * makes the call, team_barrier(), whose spinning is as long as the other threads let it wait, and OpenMP's library with
 * all its waiting: what is left is the same number each time.
 */
#ifndef COUNT_PROFILE_H
#define COUNT_PROFILE_H

#include <stdio.h>

#include "count/rows.h"

/* Adds a reading to each row that the file has one of; `program` is the path of the program that was counted.
 * STATUS_UNAVAILABLE where the program has no symbols, STATUS_INTERNAL where a row was not counted as often as it should be. */
enum status profile_read(FILE *profile, const char *program, struct count_rows *rows);

#endif
