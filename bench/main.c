/* hinge: the command. Finds the subcommand; each has its own file, options and --help. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "commands.h"
#include "help/help.h"
#include "kernel.h"
#include "measure/machine.h"

/* A report that nobody could read is no success. */
static int finish(const char *command, int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    fprintf(stderr, "hinge %s: cannot write to standard output\n", command);
    return code == STATUS_OK ? STATUS_NO_OUTPUT : code;
}

static int no_command(const char *name)
{
    fprintf(stderr, "hinge: no command '%s'; the commands are:", name);
    for (const struct command *c = commands; c->name; c++)
        if (!(c->flags & COMMAND_HIDDEN)) fprintf(stderr, " %s", c->name);
    fputc('\n', stderr);
    return STATUS_USAGE;
}

/* The library takes the best lane where that of HINGE_ISA does not run; a measurement does not. */
static enum status check_isa(void)
{
    const char *name = getenv("HINGE_ISA");
    const enum isa isa = name ? isa_from_name(name) : ISA_COUNT;
    if (!name || kernel_set(isa)) return STATUS_OK;
    if (isa == ISA_COUNT) return fail(STATUS_USAGE, "HINGE_ISA=%s: no lane has that name", name);
    return fail(STATUS_UNAVAILABLE, "HINGE_ISA=%s: not on this CPU", name);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        help_text(stderr);
        return STATUS_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help_text(stdout);
        return finish("--help", STATUS_OK);
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("hinge " HINGE_VERSION);
        return finish("--version", STATUS_OK);
    }
    const struct command *command = command_find(argv[1]);
    if (!command) return no_command(argv[1]);
    const enum status status = check_isa();
    if (status != STATUS_OK) {
        fprintf(stderr, "hinge: %s\n", status_text());
        return (int)status;
    }
    if (command->flags & COMMAND_TIMES) machine_settle_openmp(argv);
    return finish(command->name, command->run(argc - 1, argv + 1));
}
