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
    return fail(STATUS_UNAVAILABLE, "xent_fwd: oneDNN has no primitive for a cross entropy");
}

const struct twin xent_fwd_twin = {forms, open};
