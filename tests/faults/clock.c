/* clock: a clock that somebody sets. Loaded before libc:
 *
 *   HINGE_CLOCK_STEP=S    the clock of the day jumps by S seconds at every reading, there and back
 *   HINGE_CLOCK_GRAIN=NS  the clock that only goes forward does so in steps of NS
 *   HINGE_CLOCK_AT=S      the day is that of S seconds since 1970
 *   HINGE_CLOCK_TIMER=NS  a second of a timer is over after NS
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long setting(const char *name)
{
    const char *value = getenv(name);
    return value ? atol(value) : 0;
}

static void change_day(struct timespec *t)
{
    static long sign = 1;
    if (getenv("HINGE_CLOCK_AT")) t->tv_sec = setting("HINGE_CLOCK_AT");
    t->tv_sec += sign * setting("HINGE_CLOCK_STEP");
    sign = -sign;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    const int status = (int)syscall(SYS_clock_gettime, id, t);
    const long grain = setting("HINGE_CLOCK_GRAIN");
    if (id == CLOCK_REALTIME) change_day(t);
    if (id == CLOCK_MONOTONIC && grain) {
        const long long ns = 1000000000LL * t->tv_sec + t->tv_nsec;
        t->tv_sec = ns / grain * grain / 1000000000;
        t->tv_nsec = ns / grain * grain % 1000000000;
    }
    return status;
}

static void change_timer(struct timeval *t)
{
    const long second = setting("HINGE_CLOCK_TIMER");
    if (second && t->tv_sec) *t = (struct timeval){0, t->tv_sec * second / 1000};
}

int setitimer(__itimer_which_t which, const struct itimerval *restrict new,
              struct itimerval *restrict old)
{
    struct itimerval changed = *new;
    change_timer(&changed.it_interval);
    change_timer(&changed.it_value);
    return (int)syscall(SYS_setitimer, which, &changed, old);
}

time_t time(time_t *to)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (to) *to = t.tv_sec;
    return t.tv_sec;
}

int gettimeofday(struct timeval *restrict to, void *restrict zone)
{
    struct timespec t;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &t);
    *to = (struct timeval){t.tv_sec, t.tv_nsec / 1000};
    return 0;
}
