#include "dnnl.h"

const struct twin argmax_twin = {.none =
                                     "oneDNN reduces to the greatest value, not to where it is"};
