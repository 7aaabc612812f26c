#include "dnnl.h"

const struct twin bfk_edges_twin = {.none = "oneDNN has no eigenvalues"};
