#include "dnnl.h"

const struct twin embed_fwd_twin = {
    .none = "oneDNN has no primitive for rows that a list of indices names"};
