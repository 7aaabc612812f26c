#include "dnnl.h"

static unsigned forms(const struct shape *s)
{
    (void)s;
    return 0;
}

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    (void)s, (void)buf, (void)threads, (void)form;
    *out = NULL;
    return fail(STATUS_UNAVAILABLE,
                "gpt2_step: oneDNN has neither embeddings nor a cross entropy nor AdamW");
}

const struct twin gpt2_step_twin = {forms, open};
