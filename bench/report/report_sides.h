/* report_sides: which files are of one machine with its settings. */
#ifndef REPORT_REPORT_SIDES_H
#define REPORT_REPORT_SIDES_H

#include "report.h"

/* A file without rows is a machine card, of which less is asked. */
bool sides_same_machine(const struct read_file *a, const struct read_file *b);
/* File f, to a side that is there or a new one. False where memory is short. */
bool sides_add(struct report *report, size_t f);

#endif
