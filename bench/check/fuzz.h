/* fuzz: `hinge check --fuzz`: drawn cases, each in a process of its own, until a time or a number of them is reached. */
#ifndef CHECK_FUZZ_H
#define CHECK_FUZZ_H

#include "draw.h"
#include "engine.h"

struct fuzz {
    struct check_plan check; /* its seed, threads and shift are those of the case at work */
    struct draw draw;
    double seconds; /* at the most; 0: as many cases as below */
    uint64_t cases;
};

/* What came of it. */
struct fuzz_tally {
    struct check_tally check; /* of all cases, without what a crash cut off */
    uint64_t cases, failed;
    uint64_t *kernel; /* cases of each spec, in the order of draw.specs; the caller's room */
    double seconds;
    bool interrupted;
};

/* STATUS_OK, or STATUS_WRONG where a case failed, or what kept it from running: STATUS_USAGE where none of many cases is
 * wanted. Of each kernel and verdict the first failure is shrunk and printed. Ends early at a Ctrl-C. */
enum status fuzz_run(const struct fuzz *fuzz, struct fuzz_tally *tally);

#endif
