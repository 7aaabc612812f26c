#include "dnnl.h"

const struct twin moments_twin = {
    .none = "oneDNN has no primitive for moments, extremes and shares in one pass"};
