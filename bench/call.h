/* call: one call of a variant, on the copy of the operands whose turn it is. */
#ifndef BENCH_CALL_H
#define BENCH_CALL_H

#include "row.h"

/* Makes what the variant runs ready for all copies: oneDNN's form or the library's; STATUS_OK for a
 * lane. To be closed where it fails too. */
enum status call_open(struct variant *v);
void call_close(struct variant *v);

void call_on(struct variant *v, size_t copy);

/* The variant that is being opened, or is between call_enter() and call_leave(): for a signal handler, which may ask at
 * any moment. NULL: none. */
const char *call_running(void);

/* What a signal handler says of a call that does not return, before the process ends by SIGALRM. A call, a sample of several
 * or the opening of a library's has a minute, of a plug-in plugin_seconds(), and a hundred times as long beside as that many
 * calls should take: by the variant's first call, and for that one by a guess for the scalar lane. That is more than a busy
 * machine or an emulated one needs. */
void call_when_late(void (*say)(void));

/* A sampler's task, whose context is the variant. All variants of a row take turns at one rotation: what
 * one has used, another has not just warmed. */
void call_next(void *variant);
void call_enter(void *variant, size_t calls);
void call_leave(void *variant);

#endif
