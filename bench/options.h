/* options: the grammar that the subcommands share, as a child of their argp parsers. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <argp.h>
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "kernel.h"

enum { OPTION_THREADS_MAX = 16, OPTION_LANES = (1 << ISA_PLUGIN) - 1 /* all of hinge's own */ };

/* --filter RE, --isa LIST, --threads LIST, --seed N. Start from options_default(); the parser of
 * the parent sets state->child_inputs[0] = &options at ARGP_KEY_INIT. */
struct options {
    const char *filter; /* NULL where none was given */
    regex_t filter_re;
    unsigned isas; /* bit i is enum isa i */
    int threads[OPTION_THREADS_MAX];
    size_t thread_count; /* 0 where none was given */
    uint64_t seed;
};

struct options options_default(void);
extern const struct argp options_argp;

/* True where no --filter was given or it matches. */
bool options_match(const struct options *options, const char *name);

/* STATUS_USAGE with a sentence that names `option` where text is no such thing. */
enum status parse_isas(const char *option, const char *text, unsigned *isas);
enum status parse_count(const char *option, const char *text, uint64_t least, uint64_t most,
                        uint64_t *value);
enum status parse_kernel(const char *text, const struct kernel_spec **kernel);
/* "30s", "2m", "1h" or seconds; longer than nothing. */
enum status parse_time(const char *option, const char *text, double *seconds);
/* "5" or "5%" is 0.05; above 0 and below 1. */
enum status parse_percent(const char *option, const char *text, double *share);
/* An extended regular expression, to be freed where this succeeds. */
enum status parse_filter(const char *text, regex_t *filter);
/* Comma-separated; at most `room` numbers. */
enum status parse_counts(const char *option, const char *text, uint64_t least, uint64_t most,
                         uint64_t *values, size_t room, size_t *count);

#endif
