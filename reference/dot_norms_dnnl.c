#include "dnnl.h"

const struct twin dot_norms_twin = {
    .none = "oneDNN has no primitive for a product and two norms in one pass"};
