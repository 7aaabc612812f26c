/* part: what this process is among others, and what it has to do with its file: begin it, go on with it, or leave it
 * alone. */
#ifndef CLUSTER_PART_H
#define CLUSTER_PART_H

#include <jansson.h>

#include "journal.h"

enum part_state { PART_BEGINS, PART_GOES_ON, PART_IS_DONE };

struct part {
    const struct arguments *arguments;
    int argc;
    char *const *argv; /* that they were read from, the share as share_words() has it */
    char path[SHARE_PATH];
    enum part_state state;
};

/* Fills state and, of one of several, path; where it goes on the journal is read. Starts the program again where ranks
 * of this host have CPUs to part. STATUS_USAGE where all ranks would do the same, or what the launcher says is wrong;
 * STATUS_NO_OUTPUT where the file or the journal that is there is that of other arguments or, of the file, of another
 * build. */
enum status part_open(struct part *part, const struct machine *machine, struct journal *journal);

/* For the context of its file: {"share", "of"}, or {"per_host": true}; "arguments" without a share, "hosts" that it was
 * on, and "rows": "CASE/threads:N" -> number among "total" rows. NULL without memory. */
json_t *part_json(const struct part *part, const struct machine *machine,
                  const struct journal *journal, const struct rows *rows);

#endif
