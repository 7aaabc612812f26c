/* arguments: the options of `hinge angle`. */
#ifndef ANGLE_ARGUMENTS_H
#define ANGLE_ARGUMENTS_H

#include <argp.h>

#include "angle/angle.h"

struct angle_arguments {
    struct angle_request ask; /* set is NULL where this CPU cannot run the lane isa */
    const char *isa;          /* NULL where none was named */
    double branch_scale;
    uint64_t every;
    const char *json, *figure;     /* NULL: none */
    const char *fresh, *of_resnet; /* an option that was given and belongs there; NULL */
};

struct angle_arguments angle_defaults(void);
extern const struct argp angle_argp;

#endif
