#include "train/gpt_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "interrupt.h"
#include "report/context.h"
#include "report/file.h"
#include "train/gpt_state.h"

/* ---- the folder */

static enum status set_paths(struct gpt_run *run)
{
    const struct {
        char *path;
        const char *name;
    } file[] = {{run->checkpoint, "checkpoint.safetensors"},
                {run->steps, "steps.jsonl"},
                {run->result, "result.json"}};
    for (size_t i = 0; i < sizeof file / sizeof *file; i++)
        if (snprintf(file[i].path, GPT_RUN_PATH, "%s/%s", run->ask.folder, file[i].name) >=
            GPT_RUN_PATH - 8)
            return fail(STATUS_NO_OUTPUT, "%s: the path is too long", run->ask.folder);
    return STATUS_OK;
}

/* ---- text */

const char *gpt_run_text(const struct gpt_request *ask)
{
    return ask->text ? ask->text : ask->tokens ? ask->tokens : "the committed text of Moby Dick";
}

static enum status read_tokens(struct gpt_run *run, size_t vocab)
{
    const struct gpt_request *ask = &run->ask;
    if (ask->tokens)
        return tokens_read_file(&run->tokens, ask->tokens, vocab ? vocab : TOKENS_GPT2);
    if (vocab && vocab != TOKENS_BYTES)
        return fail(STATUS_USAGE, "a vocabulary of %zu goes with --tokens; text has one of %d",
                    vocab, TOKENS_BYTES);
    return tokens_read_text(&run->tokens, ask->text);
}

/* ---- records */

static void put_weights(const struct gpt_run *run, json_t *line)
{
    static double m[GPT2_PART_TOTAL_MOST][MOMENTS_FIELDS];
    const struct gpt_trainer *t = &run->trainer;
    const struct gpt2_config *config = &t->settings.config;
    /* Between steps the gradient is work space, which has room for Q, K and V. */
    gpt2_parts_measure(&(struct gpt2_parts){&t->model, t->set, t->threads, t->step.grad}, m);
    json_object_set_new(line, "mean", gpt2_parts_json(config, m, MOMENTS_MEAN));
    json_object_set_new(line, "variance", gpt2_parts_json(config, m, MOMENTS_VARIANCE));
}

static bool due(size_t step, size_t every, size_t steps)
{
    return every && (step % every == 0 || step == steps);
}

static enum status put_step(struct gpt_run *run, bool measured)
{
    const struct gpt_settings *s = &run->trainer.settings;
    const size_t step = run->trainer.done;
    json_t *line = json_pack("{s:I}", "step", (json_int_t)step);
    if (step > 0) {
        json_object_set_new(line, "rate", json_number(run->outcome.rate));
        json_object_set_new(line, "loss", json_number(run->outcome.loss));
        json_object_set_new(line, "norm", json_number(run->outcome.norm));
    }
    if (measured) json_object_set_new(line, "held_out", json_number(run->held_out));
    if (due(step, s->record_every, s->steps)) put_weights(run, line);
    return gpt_journal_put(&run->journal, line);
}

/* ---- start */

/* The journal is on the disk before a checkpoint says that its steps are done. */
static enum status save(struct gpt_run *run)
{
    enum status status = gpt_journal_sync(&run->journal);
    if (status == STATUS_OK) status = gpt_state_write(&run->trainer, run->checkpoint);
    if (status == STATUS_OK) run->saved = run->trainer.done;
    return status;
}

static enum status start_fresh(struct gpt_run *run)
{
    struct gpt_settings s = run->ask.settings;
    enum status status = read_tokens(run, s.config.vocab);
    s.config.vocab = run->tokens.vocab;
    if (status == STATUS_OK) status = gpt_settings_settle(&s, STATUS_USAGE);
    if (status == STATUS_OK) status = folder_writable(run->ask.folder);
    if (status == STATUS_OK)
        status = gpt_trainer_open(&run->trainer, &s, &run->tokens, gpt_run_text(&run->ask));
    if (status == STATUS_OK) status = gpt_journal_open(&run->journal, run->steps, true);
    if (status == STATUS_OK && access(run->checkpoint, F_OK) == 0)
        status = fail(STATUS_NO_OUTPUT, "%s holds a run: --resume %s goes on with it",
                      run->ask.folder, run->ask.folder);
    if (status == STATUS_OK) status = gpt_journal_empty(&run->journal);
    if (status != STATUS_OK) return status;
    run->trainer.threads = run->ask.threads;
    gpt_trainer_fresh(&run->trainer);
    status = put_step(run, false);
    return status == STATUS_OK ? save(run) : status;
}

static enum status start_again(struct gpt_run *run)
{
    struct gpt_state state;
    const char *text = gpt_run_text(&run->ask);
    if (access(run->checkpoint, R_OK) != 0)
        return fail(STATUS_NO_INPUT, "%s: %s", run->checkpoint, strerror(errno));
    /* Held before the checkpoint is read: another run may be about to write a later one. */
    enum status status = gpt_journal_open(&run->journal, run->steps, false);
    if (status != STATUS_OK) return status;
    status = gpt_state_open(&state, run->checkpoint);
    if (status == STATUS_OK) status = read_tokens(run, state.settings.config.vocab);
    if (status == STATUS_OK) status = gpt_state_same_text(&state, &run->tokens, text);
    if (status == STATUS_OK)
        status = gpt_trainer_open(&run->trainer, &state.settings, &run->tokens, text);
    if (status == STATUS_OK) status = gpt_state_load(&state, &run->trainer);
    if (status == STATUS_OK) status = gpt_journal_resume(&run->journal, state.step);
    run->trainer.threads = run->ask.threads;
    run->began = run->saved = run->trainer.done;
    gpt_state_close(&state);
    return status;
}

/* ---- steps */

/* What went wrong, and what there is to go on from. */
static enum status with_checkpoint(const struct gpt_run *run, enum status status)
{
    char why[512];
    snprintf(why, sizeof why, "%s", status_text());
    return fail(status, "%s; %s is that of step %zu", why, run->checkpoint, run->saved);
}

static enum status one_step(struct gpt_run *run)
{
    struct gpt_trainer *t = &run->trainer;
    enum status status = gpt_trainer_step(t, &run->outcome);
    if (status != STATUS_OK) return status;
    const bool measured =
        t->held_out.count > 0 && due(t->done, t->settings.held_out_every, t->settings.steps);
    if (measured) run->held_out = gpt_trainer_held_out(t);
    status = put_step(run, measured);
    if (status != STATUS_OK) return status;
    gpt_report_step(run, measured);
    if (interrupted() || due(t->done, run->ask.checkpoint_every, t->settings.steps) ||
        t->done == t->settings.steps)
        status = save(run);
    return status;
}

static enum status all_steps(struct gpt_run *run)
{
    enum status status = STATUS_OK;
    interrupt_catch(true); /* for good: one that comes behind the last step lets the run finish */
    run->start = run->row_seconds = clock_seconds();
    run->row = run->trainer.done;
    while (run->trainer.done < run->trainer.settings.steps && !interrupted() && status == STATUS_OK)
        status = one_step(run);
    if (run->trainer.done < run->trainer.settings.steps) run->signal = interrupt_caught();
    return status == STATUS_OK ? status : with_checkpoint(run, status);
}

enum status gpt_run(struct gpt_run *run, const struct gpt_request *ask)
{
    *run = (struct gpt_run){.ask = *ask, .journal = {.fd = -1}};
    enum status status = set_paths(run);
    if (status == STATUS_OK) status = ask->resume ? start_again(run) : start_fresh(run);
    if (status != STATUS_OK) return status;
    gpt_report_head(run);
    status = all_steps(run);
    if (status != STATUS_OK || run->trainer.done < run->trainer.settings.steps) return status;
    status = gpt_history_read(&run->history, &run->trainer.settings.config, run->steps);
    if (status != STATUS_OK) return status;
    gpt_report_bands(run);
    return gpt_result_write(run);
}

void gpt_run_close(struct gpt_run *run)
{
    gpt_history_close(&run->history);
    gpt_journal_close(&run->journal);
    gpt_trainer_close(&run->trainer);
    tokens_close(&run->tokens);
}
