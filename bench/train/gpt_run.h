/* gpt_run: a run of `hinge train gpt`, in a folder of its own:
 *
 *   checkpoint.safetensors   the state to go on from (train/gpt_state.h), a GPT-2 that other programs read
 *   steps.jsonl              what was recorded, step by step (train/gpt_journal.h)
 *   result.json              once all steps are done: settings, losses, bands (train/bands.h), machine
 *
 * A run that is killed at any time goes on from its checkpoint as if nothing had been, and ends with the same words in the
 * first two. Ctrl-C and SIGTERM end it behind a step, with a checkpoint.
 */
#ifndef TRAIN_GPT_RUN_H
#define TRAIN_GPT_RUN_H

#include "train/gpt_history.h"
#include "train/gpt_journal.h"
#include "train/gpt_trainer.h"

struct gpt_request {
    struct gpt_settings settings; /* of a fresh run */
    const char *text, *tokens;    /* a file of one kind; neither: the committed text */
    const char *folder;
    bool resume;
    size_t checkpoint_every; /* steps; 0: at both ends alone */
    int threads;
};

enum { GPT_RUN_PATH = 1024 };
struct gpt_run {
    struct gpt_request ask;
    struct tokens tokens;
    struct gpt_trainer trainer;
    struct gpt_journal journal;
    struct gpt_history history; /* once all steps are done */
    char checkpoint[GPT_RUN_PATH], steps[GPT_RUN_PATH], result[GPT_RUN_PATH];
    size_t began;               /* steps that were done before */
    double start, shown;        /* on the monotonic clock; of the last line of progress */
    size_t row;                 /* the last step of the table */
    double row_seconds;         /* when that was */
    struct gpt_outcome outcome; /* of the last step */
    double held_out;            /* of the last step that measured it */
    size_t saved;               /* the step of the checkpoint */
    int signal;                 /* that ended the run; 0 */
};

/* To be closed whatever the status. Trains, prints on the standard output, writes the folder. */
enum status gpt_run(struct gpt_run *run, const struct gpt_request *ask);
void gpt_run_close(struct gpt_run *run);

/* What the text is called: "the committed text of Moby Dick". */
const char *gpt_run_text(const struct gpt_request *ask);

/* ---- train/gpt_report.c: what is printed */

void gpt_report_head(const struct gpt_run *run);
/* Behind a step: a row of the table where there is one, and the line of progress of a terminal. */
void gpt_report_step(struct gpt_run *run, bool measured);
void gpt_report_bands(const struct gpt_run *run);

/* ---- train/gpt_result.c */

enum status gpt_result_write(const struct gpt_run *run);

#endif
