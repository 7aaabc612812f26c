/* arguments: the options of `hinge check`. */
#ifndef CHECK_ARGUMENTS_H
#define CHECK_ARGUMENTS_H

#include "check/faulty.h"
#include "options.h"

struct check_arguments {
    struct options options;
    const struct kernel_spec *kernel;
    const char *junit, *case_name, *plugin;
    const struct fault *fault; /* NULL: none is planted */
    unsigned require, fills;
    uint64_t shift;
    double fuzz_seconds; /* 0: as many cases as below, and where that is 0 too, no fuzzing */
    uint64_t fuzz_cases;
    bool quick, verbose, no_twins, peers;
};

/* Cases are drawn at random, instead of those that each kernel has. */
bool check_arguments_draw(const struct check_arguments *a);

#endif
