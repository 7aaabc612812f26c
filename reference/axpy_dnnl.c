#include "axpy/axpy.h"
#include "dnnl.h"

/* Its sum rounds a x before it adds: two roundings where the contract has one, unless a is 1. */
static unsigned forms(const struct shape *s)
{
    return s->flags & AXPY_FLAG_INTO && s->scale == 1.0f ? FORM_BIT(FORM_PLAIN) : 0u;
}

static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    *out = NULL;
    if (!forms(s))
        return fail(STATUS_UNAVAILABLE, "axpy: oneDNN's sum rounds a * x before it adds: two "
                                        "roundings where the contract has one");
    struct twin_run *run = run_open("axpy", threads, form);
    run_sum(run, view_of(buf[AXPY_DST], 1, s->n, s->n), 1.0f, view_of(buf[AXPY_X], 1, s->n, s->n),
            1.0f, view_of(buf[AXPY_Y], 1, s->n, s->n));
    return run_ready(run, out);
}

const struct twin axpy_twin = {.forms = forms, .open = open};
