#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* What is an error here ends other programs. */
static void reset_signals(posix_spawnattr_t *attributes)
{
    sigset_t ignored;
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE);
    sigaddset(&ignored, SIGXFSZ);
    posix_spawnattr_init(attributes);
    posix_spawnattr_setsigdefault(attributes, &ignored);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF);
}

/* Standard output to `out`, standard error to `err`; a negative one: to nowhere. */
static enum status start(const char *const argv[], int out, int err, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    reset_signals(&attributes);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    const int from[2] = {out, err}, to[2] = {STDOUT_FILENO, STDERR_FILENO};
    for (int i = 0; i < 2; i++) {
        if (from[i] >= 0)
            posix_spawn_file_actions_adddup2(&actions, from[i], to[i]);
        else
            posix_spawn_file_actions_addopen(&actions, to[i], "/dev/null", O_WRONLY, 0);
    }
    /* posix_spawnp does not write to the words, whatever its type says. */
    const int error =
        posix_spawnp(pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (!error) return STATUS_OK;
    return fail(STATUS_UNAVAILABLE, "%s cannot be started: %s", argv[0], strerror(error));
}

static enum status finish(const char *const argv[], pid_t pid, const char *log)
{
    int state;
    while (waitpid(pid, &state, 0) < 0)
        if (errno != EINTR) return fail(STATUS_OS, "%s: %s", argv[0], strerror(errno));
    const char *see = log ? "; see " : "", *where = log ? log : "", *what = argv[1] ? argv[1] : "";
    if (WIFSIGNALED(state))
        return fail(STATUS_UNAVAILABLE, "%s %s: ended by %s%s%s", argv[0], what,
                    strsignal(WTERMSIG(state)), see, where);
    if (WEXITSTATUS(state) == 0) return STATUS_OK;
    return fail(STATUS_UNAVAILABLE, "%s %s: exit %d%s%s", argv[0], what, WEXITSTATUS(state), see,
                where);
}

enum status process_run(const char *const argv[], const char *log)
{
    pid_t pid;
    const int out = log ? open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
    if (log && out < 0) return fail(STATUS_NO_OUTPUT, "%s: %s", log, strerror(errno));
    const enum status status = start(argv, out, out, &pid);
    if (out >= 0) close(out);
    return status == STATUS_OK ? finish(argv, pid, log) : status;
}

/* All that comes, of which the first size - 1 bytes are kept; returns how many there were. */
static size_t drain(int from, char *text, size_t size)
{
    char rest[4096];
    size_t all = 0;
    for (;;) {
        const size_t room = all < size - 1 ? size - 1 - all : 0;
        const ssize_t got = read(from, room ? text + all : rest, room ? room : sizeof rest);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        all += (size_t)got;
    }
    text[all < size ? all : size - 1] = '\0';
    return all;
}

enum status process_read(const char *const argv[], char *text, size_t size)
{
    int pipe_[2];
    pid_t pid;
    if (pipe2(pipe_, O_CLOEXEC) != 0) return fail(STATUS_OS, "no pipe: %s", strerror(errno));
    enum status status = start(argv, pipe_[1], -1, &pid);
    close(pipe_[1]);
    if (status == STATUS_OK) {
        const size_t all = drain(pipe_[0], text, size);
        status = finish(argv, pid, NULL);
        if (status == STATUS_OK && all >= size)
            status =
                fail(STATUS_DATA, "%s %s: printed more than %zu bytes", argv[0], argv[1], size - 1);
        if (all && all < size && text[all - 1] == '\n') text[all - 1] = '\0';
    }
    close(pipe_[0]);
    return status;
}
