#define _GNU_SOURCE
#include "dialogue.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

extern char **environ;

/* Returns an errno, 0 for none. */
static int spawn(pid_t *pid, int socket, char *const argv[], bool quiet)
{
    posix_spawn_file_actions_t act;
    int error = posix_spawn_file_actions_init(&act);
    if (error) return error;
    error = posix_spawn_file_actions_adddup2(&act, socket, STDIN_FILENO);
    if (!error) error = posix_spawn_file_actions_adddup2(&act, socket, STDOUT_FILENO);
    if (!error && quiet)
        error = posix_spawn_file_actions_addopen(&act, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (!error) error = posix_spawnp(pid, argv[0], &act, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&act);
    return error;
}

enum status dialogue_start(struct dialogue *child, char *const argv[], bool quiet)
{
    int end[2];
    child->used = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, end))
        return fail(STATUS_OS, "%s cannot be started: %s", argv[0], strerror(errno));
    const int error = spawn(&child->pid, end[1], argv, quiet);
    close(end[1]);
    child->socket = end[0];
    if (!error) return STATUS_OK;
    close(end[0]);
    if (error == ENOENT) return fail(STATUS_UNAVAILABLE, "%s is not installed", argv[0]);
    return fail(STATUS_OS, "%s cannot be started: %s", argv[0], strerror(error));
}

bool dialogue_send(struct dialogue *child, const char *line)
{
    for (size_t left = strlen(line); left;) {
        const ssize_t sent = send(child->socket, line, left, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        line += sent;
        left -= (size_t)sent;
    }
    return true;
}

/* False at the end, after an error and at `until`. */
static bool read_more(struct dialogue *child, double until)
{
    struct pollfd one = {.fd = child->socket, .events = POLLIN};
    for (;;) {
        const double left = 1e3 * (until - clock_seconds());
        if (left <= 0.0) return false;
        const int ready = poll(&one, 1, left < 1e6 ? (int)left + 1 : 1000000);
        if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
        if (ready < 0) return false;
        /* A line without an end must leave room for its NUL. */
        const ssize_t got =
            recv(child->socket, child->pending + child->used, DIALOGUE_ROOM - 1 - child->used, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        child->used += (size_t)got;
        return true;
    }
}

bool dialogue_line(struct dialogue *child, double until, char line[DIALOGUE_ROOM])
{
    char *newline;
    while (!(newline = memchr(child->pending, '\n', child->used)) &&
           child->used < DIALOGUE_ROOM - 1) {
        if (read_more(child, until)) continue;
        if (child->used == 0 || clock_seconds() >= until) return false;
        break; /* the end, without a newline */
    }
    const size_t length = newline ? (size_t)(newline - child->pending) : child->used;
    const size_t taken = newline ? length + 1 : length;
    memcpy(line, child->pending, length);
    line[length] = '\0';
    child->used -= taken;
    memmove(child->pending, child->pending + taken, child->used);
    return true;
}

int dialogue_end(struct dialogue *child, double until)
{
    int how = 0;
    shutdown(child->socket, SHUT_WR);
    do child->used = 0;
    while (read_more(child, until));
    if (clock_seconds() >= until) kill(child->pid, SIGKILL);
    close(child->socket);
    while (waitpid(child->pid, &how, 0) < 0 && errno == EINTR) continue;
    return WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
}
