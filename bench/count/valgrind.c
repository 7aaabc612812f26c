#define _GNU_SOURCE /* memfd_create */
#include "valgrind.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_NO_VALGRIND = 127, EXIT_INTERRUPTED = 130 };

/* callgrind runs one thread at a time: no waiting thread may spin, and all that are asked for must be there. The last
 * one chooses among the C library's variants of memcpy(). */
static void settle_environment(void)
{
    static const char *const unset[] = {
        "OMP_THREAD_LIMIT",  "OMP_PROC_BIND", "OMP_PLACES",  "OMP_STACKSIZE", "GOMP_SPINCOUNT",
        "GOMP_CPU_AFFINITY", "KMP_BLOCKTIME", "KMP_LIBRARY", "KMP_AFFINITY",  "GLIBC_TUNABLES"};
    for (size_t i = 0; i < sizeof unset / sizeof *unset; i++) unsetenv(unset[i]);
    setenv("OMP_WAIT_POLICY", "passive", 1);
    setenv("OMP_DYNAMIC", "false", 1);
}

/* Returns only where valgrind cannot be started. --skip-plt: the stubs that callgrind would skip are counted with what they
 * call, and are not set to zero with the rest, so that the first of two readings would have more. --fair-sched: threads
 * take turns, and a barrier that spins comes to an end soon. */
static void become_valgrind(char **argv, char *program, int profile, int log)
{
    char out[64], words[64];
    char *const options[] = {"valgrind",
                             "--command-line-only=yes",
                             "--quiet",
                             "--max-threads=2000",
                             "--tool=callgrind",
                             "--instr-atstart=no",
                             "--fair-sched=try",
                             "--combine-dumps=yes",
                             "--dump-line=no",
                             "--compress-strings=no",
                             "--compress-pos=no",
                             "--skip-plt=no",
                             out,
                             words,
                             program,
                             "count"};
    const size_t ours = sizeof options / sizeof *options;
    size_t own = 1, all = 0;
    while (argv[own]) own++;
    char **arguments = calloc(ours + own + 1, sizeof *arguments);
    if (!arguments) return;
    snprintf(out, sizeof out, "--callgrind-out-file=/proc/self/fd/%d", profile);
    snprintf(words, sizeof words, "--log-fd=%d", log);
    for (size_t i = 0; i < ours; i++) arguments[all++] = options[i];
    for (size_t i = 1; i < own; i++) arguments[all++] = argv[i];
    arguments[all] = COUNT_INSIDE;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    settle_environment();
    execvp("valgrind", arguments);
}

/* What valgrind said first, without its "==PID== ": why it ended, and not from where. "Using source line" is said also by
 * one that is well. */
static void first_words(int log, char *text, size_t size)
{
    char line[256];
    const int copy = dup(log);
    FILE *file = copy < 0 ? NULL : fdopen(copy, "r");
    snprintf(text, size, "it said nothing");
    if (!file && copy >= 0) close(copy);
    if (!file) return;
    const bool begun = fseek(file, 0, SEEK_SET) == 0;
    while (begun && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        const char *said = line + strspn(line, "=0123456789 ");
        if (!*said || strncmp(said, "Using source line", 17) == 0) continue;
        snprintf(text, size, "%s", said);
        break;
    }
    fclose(file);
}

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    interrupted = number;
}

/* Ctrl-C reaches valgrind too, and ends it. */
static int wait_for(pid_t child)
{
    const struct sigaction note = {.sa_handler = on_interrupt};
    struct sigaction former;
    int state = 0;
    sigaction(SIGINT, &note, &former);
    while (waitpid(child, &state, 0) < 0 && errno == EINTR) {}
    sigaction(SIGINT, &former, NULL);
    return state;
}

/* Below STATUS_USAGE, an exit code is valgrind's own. */
static enum status judge(int state, int log, int *told)
{
    char words[256];
    const int code = WIFEXITED(state) ? WEXITSTATUS(state) : 0;
    if (WIFEXITED(state) && code == 0) return STATUS_OK;
    if (code == EXIT_NO_VALGRIND)
        return fail(STATUS_UNAVAILABLE,
                    "valgrind cannot be started: it counts the instructions (Debian: valgrind)");
    *told = interrupted ? EXIT_INTERRUPTED : code >= STATUS_USAGE ? code : 0;
    if (*told) return STATUS_OS;
    first_words(log, words, sizeof words);
    if (code) return fail(STATUS_UNAVAILABLE, "valgrind failed with exit code %d: %s", code, words);
    return fail(STATUS_UNAVAILABLE, "signal %d ended valgrind: %s", WTERMSIG(state), words);
}

enum status valgrind_run(char **argv, char program[VALGRIND_PATH], FILE **profile, int *told)
{
    const ssize_t length = readlink("/proc/self/exe", program, VALGRIND_PATH - 1);
    const int out = memfd_create("callgrind", 0), log = memfd_create("valgrind", 0);
    *told = 0;
    *profile = NULL;
    if (length <= 0 || out < 0 || log < 0)
        return fail(STATUS_OS, "no memory for what valgrind writes: %s", strerror(errno));
    program[length] = '\0';
    fflush(NULL);
    const pid_t child = fork();
    if (child < 0) return fail(STATUS_OS, "no process for valgrind: %s", strerror(errno));
    if (child == 0) {
        become_valgrind(argv, program, out, log);
        _exit(EXIT_NO_VALGRIND);
    }
    const enum status status = judge(wait_for(child), log, told);
    if (status == STATUS_OK) *profile = fdopen(out, "r");
    if (!*profile) close(out);
    close(log);
    return status;
}
