#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "isolate.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void be_silent(void)
{
    const int null = open("/dev/null", O_WRONLY);
    if (null < 0) return;
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    close(null);
}

enum status isolate(void (*body)(void *ctx), void *ctx, unsigned seconds, bool silent,
                    struct isolated *end)
{
    int status = 0;
    *end = (struct isolated){.late = false};
    fflush(NULL);
    const pid_t parent = getpid(), child = fork();
    if (child < 0) return fail(STATUS_OS, "no process for a case: %s", strerror(errno));
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        signal(SIGINT, SIG_IGN);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(STATUS_OS); /* it has ended already */
        setrlimit(RLIMIT_CORE, &no_core);
        if (silent) be_silent();
        alarm(seconds);
        body(ctx);
        fflush(stdout);
        _exit(0);
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return fail(STATUS_OS, "a case's process is lost: %s", strerror(errno));
    if (WIFSIGNALED(status)) end->signal = WTERMSIG(status);
    if (WIFEXITED(status)) end->code = WEXITSTATUS(status);
    end->late = end->signal == SIGALRM;
    return STATUS_OK;
}

void *isolate_share(size_t bytes)
{
    void *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return shared == MAP_FAILED ? NULL : shared;
}

void isolate_unshare(void *shared, size_t bytes)
{
    if (shared) munmap(shared, bytes);
}
