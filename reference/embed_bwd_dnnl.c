#include "dnnl.h"

const struct twin embed_bwd_twin = {
    .none = "oneDNN has no primitive for sums into rows that a list of indices names"};
