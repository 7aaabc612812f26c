#include "dnnl.h"

const struct twin sgd_step_twin = {.none = "oneDNN's sum rounds lr * dw before it subtracts: two "
                                           "roundings where the contract has one"};
