#include "dnnl.h"

const struct twin adamw_step_twin = {.none = "oneDNN has no optimizer"};
