/* lane: the kernels of a user's shared object (kernels/plugin.h) as one more lane, ISA_PLUGIN: the kernel set of the best
 * lane here with the plug-in's functions in place of those that it has.
 *
 * A plug-in is code: it runs with the rights of the user. What it is wrong about in its table is a sentence; what its
 * functions do wrong is for the checks to find.
 */
#ifndef PLUGIN_LANE_H
#define PLUGIN_LANE_H

#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "kernel.h"

struct plugin {
    char name[12], release[32], note[256]; /* "" where the table does not say */
    const char *path;                      /* the caller's */
    uint64_t hash;                         /* FNV-1a of the file's bytes */
};

/* One for the life of the process. STATUS_NO_INPUT: there is no such file; STATUS_DATA: it is no plug-in, or its table is
 * wrong; STATUS_UNAVAILABLE: none of its kernels can run on this CPU, or hinge is too old for it;
 * STATUS_USAGE: HINGE_PLUGIN_SECONDS is no number of seconds. */
enum status plugin_load(const char *path);
/* NULL where none was loaded. */
const struct plugin *plugin_loaded(void);

/* One line of text: its name, release, note and rooms. */
void plugin_print(FILE *out);
/* STATUS_USAGE where its table has not that room; NULL: any. */
enum status plugin_offers(const struct kernel_spec *spec);

/* The longest call in a check, 60 unless HINGE_PLUGIN_SECONDS says otherwise: what takes longer is taken for a loop without
 * an end. In a benchmark there is more (call.h). */
unsigned plugin_seconds(void);

/* True where its table has the room. */
bool plugin_has(const struct kernel_spec *spec);
/* NULL where it takes the case, else why not; "" where its table has not the room. */
const char *plugin_refusal(const struct kernel_spec *spec, const struct shape *shape);
/* True where it packs weights in an order of its own, so that none of hinge's lanes can read them. */
bool plugin_own_layout(void);

/* A lane that keeps to the contract's order of rounding in that room, hence to the words of others: all but the omp lanes,
 * and a plug-in's where it says so. */
bool plugin_keeps_words(const struct kernel_spec *spec, enum isa isa);

/* The options of `hinge check` that ask for these lanes. */
const char *plugin_option(unsigned isas, char text[512]);

/* The instruction set that a lane's code is limited to there: ISA_AVX512, ISA_AVX2, or ISA_SCALAR for any x86-64. */
enum isa plugin_isa(const struct kernel_spec *spec);

#endif
