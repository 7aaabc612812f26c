/* hinge gather: one file from those of a run's shares. */
#include "gather/gather.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "report/file.h"
#include "report/read_text.h"
#include "studies/ledger.h"

struct arguments {
    const char *out;
    char **files;
    size_t count;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'o':
        a->out = arg;
        return 0;
    case ARGP_KEY_ARGS:
        a->files = state->argv + state->next;
        a->count = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_END:
        if (!a->count) argp_error(state, "name the files of all shares");
        if (!a->out) argp_error(state, "-o OUT: where the one file goes");
        if (strcmp(a->out, "-") == 0) argp_error(state, "-o -: name a file");
        for (size_t i = 0; i < a->count; i++)
            if (strcmp(a->files[i], a->out) == 0)
                argp_error(state, "-o %s: is one of the shares", a->out);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static enum status is_ledger(const char *path, bool *ledger)
{
    char *text;
    size_t bytes;
    const enum status status = read_load(path, &text, &bytes);
    if (status != STATUS_OK) return status;
    *ledger =
        bytes >= strlen(LEDGER_MAGIC) && strncmp(text, LEDGER_MAGIC, strlen(LEDGER_MAGIC)) == 0;
    free(text);
    return STATUS_OK;
}

static enum status gather(const struct arguments *a)
{
    bool ledger = false;
    enum status status = is_ledger(a->files[0], &ledger);
    if (status == STATUS_OK) status = file_writable(a->out);
    if (status != STATUS_OK) return status;
    return ledger ? gather_ledgers(a->files, a->count, a->out)
                  : gather_results(a->files, a->count, a->out);
}

static const struct argp_option rows[] = {{"output", 'o', "OUT", 0, "the one file", 0}, {0}};
const struct argp gather_argp = {
    .options = rows,
    .parser = parse,
    .args_doc = "FILE...",
    .doc = "Make one file of those that the processes of a run wrote, each its share: result files "
           "of `hinge bench --share`, or rows of `hinge study --share`. It has the rows that "
           "one process would have written, in the same order.\v"
           "Every share must be there, once, of the same arguments and build and of machines of "
           "one kind; otherwise a sentence says what is missing or differs, and nothing is "
           "written. Rows that a share had no time for are named.\n\n"
           "Files of `hinge bench --per-host` are not gathered: `hinge compare --machines` and "
           "`hinge report` set them beside each other.\n\n"
           "Exit codes: 0 fine, 2 a row of a share is wrong, 64 usage, 65 files that do not go "
           "together, 66 a share is missing, 73 OUT cannot be written."};

int cmd_gather(int argc, char **argv)
{
    struct arguments a = {.out = NULL};
    argp_parse(&gather_argp, argc, argv, 0, NULL, &a);
    const enum status status = gather(&a);
    if (status != STATUS_OK) fprintf(stderr, "hinge gather: %s\n", status_text());
    return (int)status;
}
