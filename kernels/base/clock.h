/* clock: the one that all times are read from. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <time.h>

static inline double clock_ns(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

/* Of the wall, from some start. */
static inline double clock_seconds(void)
{
    return 1e-9 * clock_ns(CLOCK_MONOTONIC);
}

#endif
