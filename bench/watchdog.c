#include "watchdog.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/time.h>

static volatile sig_atomic_t watching, left;
static void (*volatile call_late)(void);
static struct itimerval former; /* of an alarm() */

static void on_second(int number)
{
    if (watching && left-- > 0) return;
    if (watching) call_late();
    signal(number, SIG_DFL);
    raise(number);
}

static void install(void)
{
    static bool installed;
    const struct sigaction action = {.sa_handler = on_second, .sa_flags = SA_ONSTACK | SA_RESTART};
    if (!installed) sigaction(SIGALRM, &action, NULL);
    installed = true;
}

void watchdog_start(unsigned seconds, void (*late)(void))
{
    const struct itimerval second = {{1, 0}, {1, 0}};
    install();
    call_late = late;
    left = (sig_atomic_t)seconds;
    watching = 1;
    setitimer(ITIMER_REAL, &second, &former);
}

void watchdog_stop(void)
{
    setitimer(ITIMER_REAL, &former, NULL);
    watching = 0;
}
