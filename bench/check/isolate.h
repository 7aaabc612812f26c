/* isolate: work in a process of its own, which a crash on any of its threads or an endless loop ends alone. */
#ifndef CHECK_ISOLATE_H
#define CHECK_ISOLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

struct isolated {
    bool late;        /* it did not end within its time */
    int signal, code; /* what ended it: 0, or its exit code */
};

/* body(ctx), whose writes to shared memory alone are seen here. Its time is in seconds, 0: as long as it takes; a Ctrl-C is for
 * the caller, whose end is its own; what it prints is lost where it is to be silent. The caller has not started threads yet. STATUS_OS where no process starts. */
enum status isolate(void (*body)(void *ctx), void *ctx, unsigned seconds, bool silent,
                    struct isolated *end);

/* Zeros that a process and those that isolate() starts share; NULL where memory is short. */
void *isolate_share(size_t bytes);
void isolate_unshare(void *shared, size_t bytes);

#endif
