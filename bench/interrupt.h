/* interrupt: Ctrl-C, and what else asks a long run to end: it then ends in order, with what is done. The second one ends
 * the program at once. */
#ifndef BENCH_INTERRUPT_H
#define BENCH_INTERRUPT_H

#include <stdbool.h>

/* From here on until interrupt_release(). `any`: SIGTERM too, and SIGHUP, unless that is ignored, as under nohup: where a
 * run that they end would leave nothing to go on with. */
void interrupt_catch(bool any);
void interrupt_release(void);

/* The signal that has come; 0: none. It stays after interrupt_release(). */
int interrupt_caught(void);
bool interrupted(void);
/* The exit code of a run that a signal has ended, otherwise `code`. */
int interrupt_exit(int code);

#endif
