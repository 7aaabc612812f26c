/* studies: the registry. A study is a folder here with its README.md and its C, one of whose files defines
 * `const struct study study_NAME`, and one row X(NAME) of STUDIES. */
#ifndef STUDIES_STUDIES_H
#define STUDIES_STUDIES_H

#include <argp.h>

#include "studies/study.h"

#define STUDIES(X) X(feature_speed) X(distillation) X(circuits) X(init_variance)

/* NULL at the end. */
extern const struct study *const studies[];
/* The options that they have beside those of all. */
extern const struct argp_child study_options[];

#endif
