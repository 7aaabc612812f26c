#include "studies.h"

#include "studies/circuits/asked.h"
#include "studies/distillation/asked.h"
#include "studies/init_variance/asked.h"

#define DECLARE(name) extern const struct study study_##name;
STUDIES(DECLARE)

#define ROW(name) &study_##name,
const struct study *const studies[] = {STUDIES(ROW) NULL};

const struct argp_child study_options[] = {
    {&distillation_argp, 0, "Options of the study distillation:", 1},
    {&circuits_argp, 0, "Options of the study circuits:", 2},
    {&init_variance_argp, 0, "Options of the study init-variance:", 3},
    {0}};
