/* gpt_arguments: the options of `hinge train gpt`. */
#ifndef TRAIN_GPT_ARGUMENTS_H
#define TRAIN_GPT_ARGUMENTS_H

#include "train/gpt_run.h"

/* Exits with a sentence where the command line is wrong. argv[0] is the command's name. */
struct gpt_request gpt_arguments(int argc, char **argv);

#endif
