/* watchdog: ends what does not return. Seconds in which the process is stopped, by SIGSTOP or a debugger, or the machine
 * sleeps do not count: it is woken once a second and counts, and one that was stopped is woken once. */
#ifndef BENCH_WATCHDOG_H
#define BENCH_WATCHDOG_H

/* After so many seconds, and at the most one more, late() is called from a signal handler, and where it returns the process
 * ends by SIGALRM; unless watchdog_stop() comes first. One at a time. An alarm() that was set before stands still meanwhile. */
void watchdog_start(unsigned seconds, void (*late)(void));
void watchdog_stop(void);

#endif
