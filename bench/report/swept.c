#include "swept.h"

#include <math.h>

#include "placements.h"

static json_t *placed_json(const struct row *row, const struct variant *v)
{
    json_t *list = json_array();
    for (size_t f = 0; f < v->forks; f++) {
        json_t *fork = json_array();
        for (size_t i = 0; i < v->fork[f].count; i++)
            json_array_append_new(fork, json_integer(row->fork[f].placed[i]));
        json_array_append_new(list, fork);
    }
    return list;
}

static json_t *swept_json(const struct interval *x)
{
    const bool bounded = isfinite(x->lo) && isfinite(x->hi);
    return json_pack("{s:f, s:o, s:o}", "at", x->at, "lo", bounded ? json_real(x->lo) : json_null(),
                     "hi", bounded ? json_real(x->hi) : json_null());
}

static json_t *starts_json(const struct row *row, size_t placement)
{
    struct operand op[OPERANDS_MAX];
    const size_t ops = row->work.spec->operands(&row->work.shape, op);
    json_t *starts = json_object();
    for (size_t o = 0; o < ops; o++)
        json_object_set_new(starts, op[o].name,
                            json_integer((json_int_t)placement_offset(placement, o, &op[o])));
    return starts;
}

void set_sweep(json_t *to, const struct row *row, const struct variant *v)
{
    struct placements p;
    json_object_set_new(to, "placed", placed_json(row, v));
    if (!v->summary.whole || !placements_of(v, &p)) return;
    json_t *at = json_array();
    for (size_t k = 0; k < PLACEMENTS; k++)
        json_array_append_new(
            at, json_pack("{s:o, s:f}", "starts", starts_json(row, k), "ns", p.ns[k]));
    json_object_set_new(to, "sweep",
                        json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "forks",
                                  (json_int_t)p.forks, "best_at", (json_int_t)p.best_at, "worst_at",
                                  (json_int_t)p.worst_at, "best", swept_json(&p.best), "median",
                                  swept_json(&p.median), "worst", swept_json(&p.worst), "spread",
                                  swept_json(&p.spread), "placements", at));
}
