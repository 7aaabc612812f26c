/* guard: operands between unreadable pages, and calls whose crash is a finding instead of an end.
 */
#ifndef CHECK_GUARD_H
#define CHECK_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel.h"

/* One region per operand, grown as needed, kept for the life of the program. */
enum place {
    PLACE_INSIDE, /* at a 64-byte boundary plus a shift, a margin on both sides */
    PLACE_END,    /* the last byte before an unreadable page */
    PLACE_START   /* the first byte after one */
};

/* Where an operand of `bytes` goes, in the region of operand `index`: align is 64 for memory that
 * the contract aligns, else the size of an element; shift < 64 bytes, for PLACE_INSIDE. NULL where
 * memory ran out. The margins around it hold FILL_GAP. */
void *guard_place(size_t index, size_t bytes, size_t align, enum place place, size_t shift);
/* True when the margins of the last placement in that region are as they were. */
bool guard_intact(size_t index);

/* What a crash was: signal, and for a bad access the operand's index or OPERANDS_MAX. */
struct crash {
    int signal;
    bool write, known; /* whether `write` is known */
    size_t operand;
    ptrdiff_t before, after; /* bytes before the operand's start, or behind its end */
};

/* Signals of this thread are handled on a stack of its own, since what crashes may have none left. */
void guard_stack(void);

/* From here on a call that takes longer is a crash by SIGALRM; 0: none is. */
void guard_limit(unsigned seconds);
/* From here on what cannot be survived ends the process by its signal, for its parent to see. */
void guard_end_by_signal(void);
/* body(ctx); false with *crash filled where it crashed. With more than one thread, or with 0, as many as the body likes, a
 * crash cannot be survived: `label` is printed and the program exits with STATUS_WRONG. */
bool guard_call(void (*body)(void *ctx), void *ctx, int threads, const char *label,
                struct crash *crash);

#endif
