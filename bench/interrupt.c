#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { SIGNALS = sizeof signals / sizeof *signals };
static struct sigaction former[SIGNALS];
static size_t held; /* so many of them */
static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    if (caught) {
        signal(number, SIG_DFL);
        raise(number);
    }
    caught = number;
}

void interrupt_catch(bool any)
{
    const struct sigaction action = {.sa_handler = on_signal};
    held = any ? SIGNALS : 1;
    for (size_t i = 0; i < held; i++) {
        sigaction(signals[i], &action, &former[i]);
        if (signals[i] == SIGHUP && former[i].sa_handler == SIG_IGN) signal(SIGHUP, SIG_IGN);
    }
}

void interrupt_release(void)
{
    for (size_t i = 0; i < held; i++) sigaction(signals[i], &former[i], NULL);
    held = 0;
}

int interrupt_caught(void)
{
    return caught;
}

bool interrupted(void)
{
    return caught != 0;
}

int interrupt_exit(int code)
{
    enum { SIGNALLED = 128 }; /* as a shell has it */
    return caught ? SIGNALLED + caught : code;
}
