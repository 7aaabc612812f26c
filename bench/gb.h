/* gb: Google Benchmark's C face. It registers, filters and drives; the samples are ours (manual
 * time). */
#ifndef BENCH_GB_H
#define BENCH_GB_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { GB_ROUNDS_MAX = 1 << 14 }; /* of a case; after so many it is closed */

struct gb_case {
    const char *name;
    void *ctx;
    /* Before the first round and after the last; open returns false where the case has nothing to
     * time. */
    bool (*open)(void *ctx);
    void (*close)(void *ctx);
    /* One round of interleaved samples; *seconds is what it measured for the case's first task.
     * Returns false when the case has been measured enough, and then *seconds is not set. */
    bool (*round)(void *ctx, double *seconds);
};

/* Runs the cases in order; returns how many ran. */
size_t gb_run(const struct gb_case *cases, size_t count);

/* "1.7.1", or "unknown" where the library does not say. */
const char *gb_version(void);

#ifdef __cplusplus
}
#endif

#endif
