#include "train/gpt_arguments.h"

#include <argp.h>
#include <string.h>

#include "base/par.h"
#include "commands.h"
#include "options.h"

enum { KEY_FIELD = 256, KEY_TEXT = KEY_FIELD + GPT_FIELDS, KEY_TOKENS, KEY_RESUME, KEY_CHECKPOINT };
#define STEPS_MOST 1000000000000u

struct arguments {
    struct gpt_request ask;
    bool named;        /* the model was */
    const char *fresh; /* an option that was given and belongs to a fresh run; NULL */
};

static const struct argp_option own[] = {
    {"out", 'o', "DIR", 0, "the folder of the run (train-gpt)", 1},
    {"resume", KEY_RESUME, "DIR", 0,
     "go on with the run in that folder, which keeps its settings; --text or --tokens name its "
     "text once more",
     1},
    {"text", KEY_TEXT, "FILE", 0, "bytes of plain text, gzipped or not (Moby Dick)", 1},
    {"tokens", KEY_TOKENS, "FILE", 0, "a token file of llm.c for GPT-2", 1},
    {"checkpoint-every", KEY_CHECKPOINT, "N", 0,
     "steps from one checkpoint to the next, 0 for the first and the last alone (100; 0 to "
     "1000000000000)",
     1},
    {"threads", 't', "N", 0, "at most so many; the words are the same (all; 1 to 1024)", 1},
};
enum { OWN = sizeof own / sizeof *own, ROWS = OWN + GPT_GROUPS + GPT_FIELDS + 1 };

static struct argp_option rows[ROWS];

/* One for each field of the settings, from what the field says of itself; before main(), since man page and completions
 * are made of the table too. */
__attribute__((constructor)) static void fill_rows(void)
{
    const struct gpt_settings defaults = gpt_settings_default();
    static const char *const title[GPT_GROUPS] = {
        [GPT_GROUP_MODEL] = "The model (default; range):",
        [GPT_GROUP_WEIGHTS] = "Its fresh weights:",
        [GPT_GROUP_STEPS] = "A step:",
        [GPT_GROUP_RECORDS] = "What is recorded:",
    };
    static char text[GPT_FIELDS][GPT_FIELD_TEXT];
    memcpy(rows, own, sizeof own);
    for (int g = 0; g < GPT_GROUPS; g++)
        rows[OWN + g] = (struct argp_option){.doc = title[g], .group = 2 + g};
    for (int i = 0; i < GPT_FIELDS; i++)
        rows[OWN + GPT_GROUPS + i] =
            (struct argp_option){.name = gpt_fields[i].name,
                                 .key = KEY_FIELD + i,
                                 .arg = gpt_fields[i].kind == GPT_COUNT  ? "N"
                                        : gpt_fields[i].kind == GPT_REAL ? "X"
                                                                         : "RULE",
                                 .doc = gpt_field_help(&gpt_fields[i], &defaults, text[i]),
                                 .group = 2 + (int)gpt_fields[i].group};
}

/* What the options say together. */
static enum status settle(struct arguments *a)
{
    struct gpt_request *ask = &a->ask;
    if (!a->named) return fail(STATUS_USAGE, "say which model: gpt");
    if (ask->text && ask->tokens)
        return fail(STATUS_USAGE, "--text %s and --tokens %s: one or the other", ask->text,
                    ask->tokens);
    if (ask->resume && a->fresh)
        return fail(STATUS_USAGE, "--%s goes with a fresh run; --resume %s keeps what it has",
                    a->fresh, ask->folder);
    if (!ask->folder) ask->folder = "train-gpt";
    return STATUS_OK;
}

static enum status parse_own(struct arguments *a, int key, char *arg)
{
    uint64_t count = 0;
    enum status status = STATUS_OK;
    switch (key) {
    case 'o':
        a->ask.folder = arg;
        a->fresh = "out";
        break;
    case KEY_RESUME:
        a->ask.folder = arg;
        a->ask.resume = true;
        break;
    case KEY_TEXT:
        a->ask.text = arg;
        break;
    case KEY_TOKENS:
        a->ask.tokens = arg;
        break;
    case KEY_CHECKPOINT:
        status = parse_count("--checkpoint-every", arg, 0, STEPS_MOST, &count);
        a->ask.checkpoint_every = (size_t)count;
        break;
    case 't':
        status = parse_count("--threads", arg, 1, PAR_THREADS_MOST, &count);
        a->ask.threads = (int)count;
        break;
    case ARGP_KEY_ARG:
        if (strcmp(arg, "gpt") != 0)
            status = fail(STATUS_USAGE, "no model '%s'; there is gpt", arg);
        a->named = true;
        break;
    case ARGP_KEY_END:
        status = settle(a);
        break;
    }
    return status;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    enum status status = STATUS_OK;
    if (key >= KEY_FIELD && key < KEY_FIELD + GPT_FIELDS) {
        a->fresh = gpt_fields[key - KEY_FIELD].name;
        status = gpt_field_parse(&gpt_fields[key - KEY_FIELD], arg, &a->ask.settings);
    } else if (key == 'o' || key == 't' || key == ARGP_KEY_ARG || key == ARGP_KEY_END ||
               (key >= KEY_TEXT && key <= KEY_CHECKPOINT)) {
        status = parse_own(a, key, arg);
    } else {
        return ARGP_ERR_UNKNOWN;
    }
    if (status != STATUS_OK) argp_error(state, "%s", status_text());
    return 0;
}

const struct argp train_argp = {
    .options = rows,
    .parser = parse,
    .args_doc = "gpt",
    .doc =
        "Train a GPT-2-style model and watch the spread of its weights, layer by layer. The "
        "folder then holds checkpoint.safetensors, steps.jsonl and result.json.\vA run that was "
        "stopped or killed goes on with --resume, to the same words as if it had not been.\n\n"
        "--init draws embeddings with --std and linear layers by a rule: normal with --std; gpt2 "
        "with --std, over sqrt(2 layers) where they add to the residual stream; mup as gpt2, times "
        "sqrt(768 / channels); kaiming with sqrt(2 / inputs); xavier with sqrt(2 / (inputs + "
        "outputs)).\n\nA line of steps.jsonl is a step: rate, loss, norm (of the gradient before "
        "it is clipped), held_out (the loss there), mean and variance, with a list per part of the "
        "weights and a number a layer."};

struct gpt_request gpt_arguments(int argc, char **argv)
{
    struct arguments a = {.ask = {.settings = gpt_settings_default(),
                                  .checkpoint_every = 100,
                                  .threads = par_max_threads()}};
    argp_parse(&train_argp, argc, argv, 0, NULL, &a);
    return a.ask;
}
