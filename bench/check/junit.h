/* junit: the results of a check or a comparison as a file that CI systems read. */
#ifndef CHECK_JUNIT_H
#define CHECK_JUNIT_H

#include <stddef.h>

#include "base/status.h"

struct junit;

/* Collects a suite of that name, of this process and of those that it forks; junit_close() writes it, whole or not at
 * all. */
enum status junit_open(struct junit **junit, const char *path, const char *suite);
/* One test case of the class `kernel`: failure NULL where it passed, or a text; skipped likewise.
 */
void junit_case(struct junit *junit, const char *kernel, const char *name, const char *failure,
                const char *skipped);
/* After the end of a process that may have been killed in the middle of a case. */
void junit_cut(struct junit *junit);
enum status junit_close(struct junit *junit);

#endif
