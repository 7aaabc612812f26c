#include "dnnl.h"

const struct twin uniform_fill_twin = {.none = "oneDNN draws no random numbers"};
