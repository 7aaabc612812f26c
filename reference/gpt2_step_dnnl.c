#include "dnnl.h"

const struct twin gpt2_step_twin = {
    .none = "oneDNN has neither embeddings nor a cross entropy nor AdamW"};
