/* hinge train: trains a model on the project's kernels and records what becomes of its weights. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "studies/record.h"
#include "train/gpt_arguments.h"

static int train_gpt(int argc, char **argv)
{
    enum { SIGNALLED = 128 };
    static char name[] = "hinge train gpt";
    static struct gpt_run run;
    argv[0] = name;
    const struct gpt_request ask = gpt_arguments(argc, argv);
    const enum status status = gpt_run(&run, &ask);
    const int number = run.signal;
    progress_clear();
    if (status != STATUS_OK)
        fprintf(stderr, "hinge train gpt: %s\n", status_text());
    else if (number)
        fprintf(stderr, "hinge train gpt: stopped behind step %zu; --resume %s goes on\n",
                run.trainer.done, ask.folder);
    gpt_run_close(&run);
    return status == STATUS_OK && number ? SIGNALLED + number : (int)status;
}

int cmd_train(int argc, char **argv)
{
    static const char usage[] = "usage: hinge train gpt [OPTION...]\n";
    if (argc > 1 && strcmp(argv[1], "gpt") == 0) return train_gpt(argc - 1, argv + 1);
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0)) {
        printf("%s`hinge train gpt --help` lists its options.\n", usage);
        return STATUS_OK;
    }
    if (argc > 1) fprintf(stderr, "hinge train: no model '%s'; there is gpt\n", argv[1]);
    fputs(usage, stderr);
    return STATUS_USAGE;
}
