/* hinge train: trains a model on the project's kernels and records what becomes of its weights. */
#include <stdio.h>

#include "commands.h"
#include "studies/record.h"
#include "train/gpt_arguments.h"

int cmd_train(int argc, char **argv)
{
    enum { SIGNALLED = 128 };
    static struct gpt_run run;
    const struct gpt_request ask = gpt_arguments(argc, argv);
    const enum status status = gpt_run(&run, &ask);
    const int number = run.signal;
    progress_clear();
    if (status != STATUS_OK)
        fprintf(stderr, "hinge train: %s\n", status_text());
    else if (number)
        fprintf(stderr, "hinge train: stopped behind step %zu; --resume %s goes on\n",
                run.trainer.done, ask.folder);
    gpt_run_close(&run);
    return status == STATUS_OK && number ? SIGNALLED + number : (int)status;
}
