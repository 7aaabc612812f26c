/* arena: one block of memory, sized before it is used, that operands and scratch are cut from. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "status.h"

enum { ARENA_ALIGN = 64 };

struct arena {
    char *base;
    size_t size, used;
};

/* The bytes that `count` elements of `size` bytes take in an arena; SIZE_MAX where that overflows.
 */
size_t arena_bytes(size_t count, size_t size);

/* STATUS_OS with a sentence that names the need and what is free, before the kernel would have to
 * kill us. `what` names the shape. The pages are touched: first use costs nothing later. */
enum status arena_open(struct arena *arena, size_t bytes, const char *what);
/* The same in the block that the arena has, where it is large enough and its contents are then what
 * they were: to touch new pages costs more than most calls. */
enum status arena_renew(struct arena *arena, size_t bytes, const char *what);
/* The refusal alone: so many bytes against what is free beside `held`, which will be given back. */
enum status arena_fits(double bytes, size_t held, const char *what);
/* Whether addresses for so many bytes are to be had (ulimit -v): for libraries that do not survive a refusal. */
bool arena_addressable(size_t bytes);
void arena_close(struct arena *arena);

/* 64-byte aligned; asserts that it fits. */
void *arena_take(struct arena *arena, size_t count, size_t size);

#endif
