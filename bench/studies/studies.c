#include "studies.h"

#define DECLARE(name) extern const struct study study_##name;
STUDIES(DECLARE)

#define ROW(name) &study_##name,
const struct study *const studies[] = {STUDIES(ROW) NULL};

const struct argp_child study_options[] = {{0}};
