/* own: a sweep of the user's own over everything that the paper varies. */
#ifndef DISTILLATION_OWN_H
#define DISTILLATION_OWN_H

#include <stdio.h>

#include "studies/distillation/asked.h"
#include "studies/distillation/school.h"

/* STATUS_USAGE names the option whose values do not go together with others'. What was not given is that of the
 * default size. */
enum status own_check(const struct own_sweep *asked);
/* As an experiment: its series and figures are held-out accuracy over the share seen, a curve each combination of the
 * rest. */
school_experiment own_sweep_run;
/* A line for each combination. */
void own_print(FILE *out, struct school *school);

#endif
