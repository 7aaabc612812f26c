#include "twins.h"

#include <stdio.h>
#include <string.h>

#include "twin.h"

#include "guard.h"

int twins_forms(void)
{
    return FORM_COUNT;
}
const char *twins_form_name(int form)
{
    return form_name((enum form)form);
}
const char *twins_version(void)
{
    return strcmp(twin_version(), "none") == 0 ? "no oneDNN" : twin_version();
}

static bool place_operands(const struct problem *p, void *buf[])
{
    for (size_t o = 0; o < p->count; o++) {
        const size_t extent = operand_extent(&p->op[o]);
        buf[o] = guard_place(o, extent, 64, PLACE_INSIDE, 0);
        if (!buf[o]) return false;
        if (extent) memcpy(buf[o], p->master[o], extent);
    }
    return true;
}

enum twin_verdict twins_run(const struct problem *p, int form, int threads, void *out,
                            struct readout *seen, struct finding *finding)
{
    const struct twin *twin = twin_of(p->spec->name);
    struct twin_run *run = NULL;
    void *buf[OPERANDS_MAX] = {0};
    /* Its layer normalization subtracts the mean as rounded to f32: at an offset it loses what ours keeps. */
    const bool undefined = p->fill >= FILL_OFFSET || p->spec->twin_undefined >> p->fill & 1u;
    if (undefined || p->alias) return TWIN_ABSENT;
    if (!(twin_forms(p->spec->name, &p->shape) & FORM_BIT(form))) return TWIN_ABSENT;
    if (!place_operands(p, buf)) return TWIN_SKIPPED;
    if (twin->open(&run, &p->shape, buf, threads, (enum form)form) != STATUS_OK)
        return TWIN_SKIPPED;
    twin_exec(run);
    twin_finish(run);
    twin_close(run);
    problem_gather(p, buf, out);
    return judge_twin(p, out, seen, finding) ? TWIN_RIGHT : TWIN_WRONG;
}

enum twin_verdict peers_run(const struct problem *p, enum peer peer, int threads, void *out,
                            struct readout *seen, struct finding *finding)
{
    struct peer_run *run = NULL;
    void *buf[OPERANDS_MAX] = {0};
    if (!peer_has(p->spec->name) || p->fill >= FILL_SPECIAL) return TWIN_ABSENT;
    if (!place_operands(p, buf)) return TWIN_SKIPPED;
    if (peer_open(&run, peer, p->spec->name, &p->shape, buf, threads) != STATUS_OK)
        return TWIN_SKIPPED;
    peer_exec(run);
    peer_close(run);
    problem_gather(p, buf, out);
    return judge_twin(p, out, seen, finding) ? TWIN_RIGHT : TWIN_WRONG;
}
