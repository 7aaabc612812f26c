/* card: what a result file does not say of its machine, from a machine card (`hinge info --json`) of the same CPU. */
#ifndef REPORT_CARD_H
#define REPORT_CARD_H

#include "report/read.h"

/* A card of that CPU: both name the same one and its model; where both know how many hardware threads it has, as many. */
bool card_fits(const struct read_file *file, const struct read_file *card);

/* Frequency, cores, caches, memory, and roofs or single figures of them that the file lacks. `what` names them, "roofs,
 * cores", and is "" where it lacks none. STATUS_OS alone can fail. */
enum { CARD_WHAT = 128 };
enum status card_fill(struct read_file *file, const struct read_file *card, char what[CARD_WHAT]);

#endif
