#include "dnnl.h"

const struct twin bfk_moments_twin = {
    .none = "oneDNN has neither random signs nor moments of a spectrum"};
