#include "dense_pack/dense_pack.h"
#include "dnnl.h"

static unsigned forms(const struct shape *s)
{
    (void)s;
    return FORM_BIT(FORM_PLAIN);
}

/* A reorder: the panels are a layout that oneDNN knows. */
static enum status open(struct twin_run **out, const struct shape *s, void *const buf[],
                        int threads, enum form form)
{
    const struct view w = view_of(buf[DENSE_PACK_W], s->k, s->n, s->n + s->pad);
    const bool transpose = s->flags & 1u;
    struct twin_run *run = run_open("dense_pack", threads, form);
    run_panels(run, buf[DENSE_PACK_DST], transpose ? view_transposed(w) : w);
    return run_ready(run, out);
}

const struct twin dense_pack_twin = {.forms = forms, .open = open};
