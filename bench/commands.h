/* commands: the registry of the subcommands of `hinge`.
 *
 * A row X(NAME, DOES, FLAGS) stands for bench/NAME.c with cmd_NAME(), whose argv[0] is "hinge NAME" and whose result is an
 * exit code, and for its options, NAME_argp. From the row alone it gets its place in the usage, the man
 * page and the completions. What these say of an option's argument they have from its name in the table:
 * bench/help/help.h has the names.
 */
#ifndef BENCH_COMMANDS_H
#define BENCH_COMMANDS_H

#include <argp.h>

enum {
    COMMAND_TIMES = 1,  /* OpenMP's settings matter: they are set before it starts */
    COMMAND_HIDDEN = 2, /* called by hinge itself: neither in the usage nor in what is made of it */
    COMMAND_KEEPS =
        4, /* long, with a result that is kept: goes on where nobody reads what it prints */
    COMMAND_CHECKS = 8 /* what is right at any speed: threads wait without spinning */
};

#define COMMANDS(X)                                                                                \
    X(ab, "two builds beside each other in one run: which rows are slower",                        \
      COMMAND_TIMES | COMMAND_KEEPS)                                                               \
    X(angle, "the angle between feature updates and backward pass in one network", 0)              \
    X(bench, "check each case, then time it: the main job", COMMAND_TIMES | COMMAND_KEEPS)         \
    X(check, "hold every kernel on every lane to the f64 oracle, the model and oneDNN",            \
      COMMAND_KEEPS | COMMAND_CHECKS)                                                              \
    X(compare, "result files held to each other: verdicts on versions, or machines", 0)            \
    X(count, "instructions of each call, exact, against those that are kept", COMMAND_KEEPS)       \
    X(doctor, "why this machine is noisy, and the smallest effect that can be seen here",          \
      COMMAND_TIMES | COMMAND_KEEPS)                                                               \
    X(gather, "one file from those of a run that several processes shared", 0)                     \
    X(hash, "one hash of what each kernel writes: every lane, compiler and machine",               \
      COMMAND_KEEPS | COMMAND_CHECKS)                                                              \
    X(help, "this text, or a command's; the same as man page and completions", 0)                  \
    X(history, "the runs of a folder in time: which rows changed, when, by how much", 0)           \
    X(info, "the machine, its instruction sets, libraries and roofs",                              \
      COMMAND_TIMES | COMMAND_KEEPS)                                                               \
    X(list, "every kernel: formula, lanes, oneDNN twin, shapes", 0)                                \
    X(model, "what a GPT-2 checkpoint holds; converts it, or makes a fresh one", 0)                \
    X(report, "one page of HTML from result files, machine cards and studies", 0)                  \
    X(sample, "continue a text as a GPT-2 checkpoint would", COMMAND_TIMES)                        \
    X(selftest, "plant faults and see that the harness catches each", COMMAND_CHECKS)              \
    X(study, "carry out a paper's workload and judge its claims", COMMAND_TIMES | COMMAND_KEEPS)   \
    X(train, "train a GPT-2-style model and watch the variance of its weights",                    \
      COMMAND_TIMES | COMMAND_KEEPS)                                                               \
    X(variance, "how far the weights of a GPT-2 checkpoint are spread", 0)                         \
    X(worker, "measures for bench and ab, which start it", COMMAND_TIMES | COMMAND_HIDDEN)

#define X(name, does, flags)                                                                       \
    int cmd_##name(int argc, char **argv);                                                         \
    extern const struct argp name##_argp;
COMMANDS(X)
#undef X

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const struct argp *argp;
    const char *does;
    unsigned flags;
};
/* In the order of the rows; one without a name at the end. */
extern const struct command commands[];
/* NULL where there is none of that name. */
const struct command *command_find(const char *name);
/* Its run(); argv[0] is set. */
int command_run(const struct command *command, int argc, char **argv);

/* `hinge study` over these studies, NULL at the end: cmd_study() is that over all. */
struct study;
int study_command(const struct study *const *rows, int argc, char **argv);

#endif
