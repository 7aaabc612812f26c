/* gpt_journal: what a run has recorded, step by step, as JSON lines: line n is that of step n.
 *
 *   {"step":0, "mean":M, "variance":M}                               the weights before the first step
 *   {"step":n, "rate":, "loss":, "norm":, "held_out":, "mean":M, "variance":M}
 *
 * rate, loss (before the update), norm of its gradient (before it is clipped) of every step; held_out, mean and variance
 * (behind the update) of those that the settings say. M has a list per part of model/gpt2_parts.h, a number a
 * layer: {"q":[..], .., "ln_f":[.]}. null is a number that is not finite.
 *
 * A line is written in one piece as soon as there is one. What a run that was killed has written beyond its checkpoint is
 * dropped when it goes on, and written again.
 */
#ifndef TRAIN_GPT_JOURNAL_H
#define TRAIN_GPT_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

struct gpt_journal {
    const char *path;
    int fd;
};

/* Held against other programs until it is closed: STATUS_NO_OUTPUT where one has it, or it cannot be opened. */
enum status gpt_journal_open(struct gpt_journal *journal, const char *path, bool make);
enum status gpt_journal_empty(struct gpt_journal *journal);
/* That of a run which has done `steps` and goes on: STATUS_DATA where it ends before. */
enum status gpt_journal_resume(struct gpt_journal *journal, size_t steps);
void gpt_journal_close(struct gpt_journal *journal);

/* Takes the reference. */
enum status gpt_journal_put(struct gpt_journal *journal, json_t *line);
/* All lines are on the disk. */
enum status gpt_journal_sync(struct gpt_journal *journal);

/* Calls `take` for each line, with its number, until it returns false. STATUS_DATA where line n is not that of step n. */
enum status gpt_journal_read(const char *path,
                             bool (*take)(size_t step, const json_t *line, void *ctx), void *ctx);

#endif
