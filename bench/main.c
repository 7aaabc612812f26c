/* hinge: the command. Finds the subcommand; each has its own file, options and --help. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "commands.h"
#include "measure/machine.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *does;
    bool times; /* OpenMP's settings matter */
} commands[] = {
    {"angle", cmd_angle, "the angle between feature updates and backward pass in one network",
     false},
    {"bench", cmd_bench, "check each case, then time it: the main job", true},
    {"check", cmd_check, "hold every kernel on every lane to the f64 oracle, the model and oneDNN",
     false},
    {"info", cmd_info, "the machine, its instruction sets, libraries and roofs", true},
    {"list", cmd_list, "every kernel: formula, lanes, oneDNN twin, shapes", false},
    {"model", cmd_model, "what a GPT-2 checkpoint holds; converts it, or makes a fresh one", false},
    {"sample", cmd_sample, "continue a text as a GPT-2 checkpoint would", true},
    {"selftest", cmd_selftest, "plant faults and see that the harness catches each", false},
    {"study", cmd_study, "carry out a paper's workload and judge its claims", true},
    {"train", cmd_train, "train a GPT-2-style model and watch the variance of its weights", true},
    {"variance", cmd_variance, "how far the weights of a GPT-2 checkpoint are spread", false},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void usage(FILE *out)
{
    fputs(
        "usage: hinge COMMAND [OPTION...]\n\n"
        "An OpenMP SIMD benchmark suite: ReLU layers on AVX2 and AVX-512, proved against f64 and\n"
        "oneDNN, timed across depth, width and initialization scale.\n\n",
        out);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].does);
    fputs("\n`hinge COMMAND --help` lists the options of each.\n"
          "Exit codes: 0 fine, 2 a wrong result, 64 usage, 65 bad data, 66 no input, 69 "
          "unavailable,\n"
          "71 out of memory, 73 cannot write.\n",
          out);
}

/* A report that nobody could read is no success. */
static int finish(const char *command, int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    fprintf(stderr, "hinge %s: cannot write to standard output\n", command);
    return code == STATUS_OK ? STATUS_NO_OUTPUT : code;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return STATUS_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        usage(stdout);
        return STATUS_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("hinge " HINGE_VERSION);
        return STATUS_OK;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name) != 0) continue;
        if (commands[i].times) machine_settle_openmp(argv);
        return finish(argv[1], commands[i].run(argc - 1, argv + 1));
    }
    fprintf(stderr, "hinge: no command '%s'; the commands are:", argv[1]);
    for (size_t i = 0; i < COMMANDS; i++) fprintf(stderr, " %s", commands[i].name);
    fputc('\n', stderr);
    return STATUS_USAGE;
}
