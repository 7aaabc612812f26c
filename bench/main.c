/* hinge: the command. Finds the subcommand; each has its own file, options and --help. */
#define _GNU_SOURCE /* on_exit */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/par.h"
#include "base/status.h"
#include "commands.h"
#include "help/help.h"
#include "kernel.h"
#include "measure/machine.h"
#include "specs.h"

/* A file that is opened must not become a stream that the caller has closed: what is written to that fails. */
static void hold_streams(void)
{
    static const int mode[] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", mode[fd]) != fd) _exit(STATUS_OS);
}

/* A file that grows too large, and where a result outlives its reader a pipe that nobody reads, is an error of
 * write(2), not the end. */
static void ignore_signals(unsigned flags)
{
    signal(SIGXFSZ, SIG_IGN);
    if (flags & COMMAND_KEEPS) signal(SIGPIPE, SIG_IGN);
}

static bool returned; /* the command has given its exit code */

/* A report that nobody could read is no success. A library that gives up, as OpenMP's where threads are short, says why
 * and exits with 1 or 2, which here are verdicts. */
static void finish(int code, void *command)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "hinge %s: cannot write to standard output\n", (const char *)command);
        if (code == STATUS_OK) _exit(STATUS_NO_OUTPUT);
    }
    if (code > STATUS_OK && code < STATUS_USAGE && !returned) _exit(STATUS_OS);
}

static int no_command(const char *name)
{
    fprintf(stderr, "hinge: no command '%s'; the commands are:", name);
    for (const struct command *c = commands; c->name; c++)
        if (!(c->flags & COMMAND_HIDDEN)) fprintf(stderr, " %s", c->name);
    fputc('\n', stderr);
    return STATUS_USAGE;
}

static enum status check_environment(void)
{
    const int threads = par_max_threads();
    if (threads > PAR_THREADS_MOST)
        return fail(STATUS_USAGE, "OMP_NUM_THREADS=%d: not a number from 1 to %d", threads,
                    PAR_THREADS_MOST);
    /* The library takes the best lane where that one does not run; a measurement does not. */
    const char *name = getenv("HINGE_ISA");
    const enum isa isa = name ? isa_from_name(name) : ISA_COUNT;
    if (!name || kernel_set(isa)) return STATUS_OK;
    if (isa == ISA_COUNT) return fail(STATUS_USAGE, "HINGE_ISA=%s: no lane has that name", name);
    return fail(STATUS_UNAVAILABLE, "HINGE_ISA=%s: not on this CPU", name);
}

int main(int argc, char **argv)
{
    hold_streams();
    if (argc < 2) {
        help_text(stderr);
        return STATUS_USAGE;
    }
    on_exit(finish, argv[1]);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        help_text(stdout);
        return STATUS_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("hinge " HINGE_VERSION);
        return STATUS_OK;
    }
    const struct command *command = command_find(argv[1]);
    if (!command) return no_command(argv[1]);
    enum status status = specs_whole();
    if (status == STATUS_OK) status = check_environment();
    if (status != STATUS_OK) {
        fprintf(stderr, "hinge: %s\n", status_text());
        return (int)status;
    }
    ignore_signals(command->flags);
    if (command->flags & COMMAND_TIMES) machine_settle_openmp(argv);
    if (command->flags & COMMAND_CHECKS) machine_wait_passively(argv);
    const int code = command_run(command, argc - 1, argv + 1);
    returned = true;
    return code;
}
