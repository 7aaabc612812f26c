#define _GNU_SOURCE /* sigabbrev_np */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/par.h"

enum { REQUESTS = STDIN_FILENO, ANSWERS = 3 };

/* In the new process. Its end of the socket may have any number: a duplicate out of the way first. */
static void become(const char *program, char *const argv[], int socket, pid_t parent)
{
    const int end = fcntl(socket, F_DUPFD, ANSWERS + 1);
    if (end < 0 || dup2(end, REQUESTS) < 0 || dup2(end, ANSWERS) < 0) _exit(STATUS_OS);
    close(end);
    signal(SIGINT, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(STATUS_OS); /* it has ended already */
    par_unbind();
    execv(program, argv);
    _exit(STATUS_UNAVAILABLE);
}

enum status child_start(struct child *c, const char *program, char *const argv[])
{
    int end[2];
    *c = (struct child){.pid = 0};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, end) != 0)
        return fail(STATUS_OS, "cannot speak to a worker: %s", strerror(errno));
    fflush(NULL); /* or both processes would write it */
    const pid_t parent = getpid(), pid = fork();
    if (pid == 0) become(program, argv, end[1], parent);
    close(end[1]);
    if (pid < 0) {
        close(end[0]);
        return fail(STATUS_OS, "cannot start a worker: %s", strerror(errno));
    }
    c->pid = pid;
    if (!channel_open(&c->channel, end[0], end[0])) {
        child_kill(c);
        return fail(STATUS_OS, "no memory for a worker");
    }
    json_int_t protocol = 0;
    const char *name = NULL;
    c->hello = channel_receive(&c->channel);
    const int read = json_unpack(c->hello, "{s:s, s:I}", "hello", &name, "protocol", &protocol);
    if (c->hello && read == 0 && strcmp(name, "hinge-worker") == 0 && protocol == CHILD_PROTOCOL)
        return STATUS_OK;
    child_kill(c);
    return fail(STATUS_UNAVAILABLE, "%s worker: does not start, or speaks another protocol than %d",
                program, CHILD_PROTOCOL);
}

/* One that has ended by itself is past being killed: its status stays what it was. */
static void see_off(struct child *c, bool kill_first)
{
    int status = 0;
    if (c->pid <= 0) return;
    if (kill_first) kill(c->pid, SIGKILL);
    channel_close(&c->channel);
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR) {}
    json_decref(c->hello);
    *c = (struct child){.pid = 0};
    if (WIFSIGNALED(status)) {
        const char *name = sigabbrev_np(WTERMSIG(status));
        snprintf(c->died, sizeof c->died, "SIG%s%s", name ? name : "?",
                 WTERMSIG(status) == SIGALRM ? ", since it did not return" : "");
    } else {
        snprintf(c->died, sizeof c->died, "exit code %d", WEXITSTATUS(status));
    }
}

json_t *child_ask(struct child *c, json_t *request, const char *key, enum status *failed)
{
    json_t *answer = channel_send(&c->channel, request) ? channel_receive(&c->channel) : NULL;
    json_t *wanted = json_incref(json_object_get(answer, key));
    const char *text, *variant = json_string_value(json_object_get(answer, "died"));
    int code;
    *failed = STATUS_OK;
    if (!wanted && answer &&
        json_unpack(answer, "{s:{s:i, s:s}}", "failed", "code", &code, "text", &text) == 0)
        *failed = fail((enum status)code, "%s", text);
    else if (!wanted) {
        see_off(c, !variant);
        snprintf(c->variant, sizeof c->variant, "%s", variant ? variant : "");
    }
    json_decref(answer);
    return wanted;
}

void child_end(struct child *c)
{
    see_off(c, false);
}

void child_kill(struct child *c)
{
    see_off(c, true);
}
