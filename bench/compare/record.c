/* A comparison for programs: JUnit and JSON. */
#include <math.h>
#include <string.h>

#include "compare/show.h"
#include "report/context.h"

/* ---- JUnit */

static const char *class_of(const struct read_row *row)
{
    return *row->kernel ? row->kernel : "row";
}

void show_junit(struct junit *junit, const struct versions *v)
{
    char text[160], change[24], interval[48], sees[24];
    for (size_t i = 0; i < v->judged; i++) {
        const struct pair *p = v->order[i];
        const struct verdict_row *r = p->says;
        snprintf(text, sizeof text, "%s: %s %s, would see %s", change_verdict_name(r->verdict),
                 show_change(r->at, change), show_interval(r->lo, r->hi, interval),
                 show_change(r->detectable, sees));
        junit_case(junit, class_of(p->new), p->new->name,
                   r->verdict == CHANGE_REGRESSED ? text : NULL,
                   r->verdict == CHANGE_INCONCLUSIVE ? text : NULL);
    }
    for (size_t i = 0; i < v->wrongs; i++)
        junit_case(junit, class_of(v->wrong[i]), v->wrong[i]->name, v->wrong[i]->error, NULL);
    for (int w = 0; w < WHERE_COUNT; w++)
        for (size_t i = 0; i < v->rests[w]; i++)
            if (v->rest[w][i]->state != READ_WRONG || w == ONLY_OLD)
                junit_case(junit, class_of(v->rest[w][i]), v->rest[w][i]->name, NULL,
                           show_rest((enum where)w));
}

/* ---- JSON: changes are ratios of new time over old time */

json_t *show_path(const char *path)
{
    json_t *text = json_string(path);
    return text ? text : json_string("a name that is not UTF-8");
}

static json_t *interval_json(double lo, double hi)
{
    return json_pack("[o, o]", isfinite(lo) ? json_number(exp(lo)) : json_null(),
                     json_number(exp(hi)));
}

static json_t *pair_json(const struct pair *p)
{
    const struct verdict_row *r = p->says;
    const struct interval b = show_bootstrap(p);
    json_t *o =
        json_pack("{s:s, s:s, s:f, s:f, s:i, s:i, s:o, s:o, s:o}", "name", p->new->name, "verdict",
                  p->control ? "control" : change_verdict_name(r->verdict), "old_ns",
                  p->old->median, "new_ns", p->new->median, "old_processes", (int)p->old->medians,
                  "new_processes", (int)p->new->medians, "ratio", json_number(exp(r->at)),
                  "interval", interval_json(r->lo, r->hi), "measured", json_number(exp(r->raw)));
    if (!o) return NULL;
    json_object_set_new(o, "bootstrap", interval_json(b.lo, b.hi));
    json_object_set_new(o, "p_rank", json_number(r->p_rank));
    if (p->control) return o;
    json_object_set_new(o, "p", json_number(r->p));
    json_object_set_new(o, "p_adjusted", json_number(r->adjusted));
    json_object_set_new(o, "detectable", json_number(exp(r->detectable)));
    return o;
}

json_t *show_differences(const struct differences *d)
{
    json_t *list = json_array();
    for (size_t i = 0; i < d->count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "field", d->at[i].field, "old",
                                              d->at[i].old, "new", d->at[i].new));
    return list;
}

static json_t *names_json(const struct read_row *const *row, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) json_array_append_new(list, json_string(row[i]->name));
    return list;
}

static json_t *spread_json(const struct spread *s)
{
    return s->rows
               ? json_pack("{s:i, s:f, s:f}", "rows", (int)s->rows, "sd", s->sd, "floor", s->floor)
               : json_null();
}

static json_t *noise_json(const struct noise *n)
{
    return json_pack("{s:b, s:i, s:i, s:i, s:f, s:f, s:o, s:o}", "assumed", (int)n->assumed,
                     "controls", (int)n->controls, "cases", (int)n->cases, "calibration_pairs",
                     (int)n->runs, "drift", exp(n->drift), "drift_sd", sqrt(n->drift_variance),
                     "several_processes", spread_json(&n->forked), "one_process",
                     spread_json(&n->bare));
}

static json_t *changed_json(const struct versions *v)
{
    json_t *list = json_array();
    for (size_t i = 0; i < v->changes; i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s}", "name", v->changed[i].new->name, "old",
                                        v->changed[i].old->impl, "new", v->changed[i].new->impl));
    return list;
}

json_t *show_json(const struct versions *v)
{
    json_t *rows = json_array(), *counts = json_object();
    for (size_t i = 0; i < v->judged; i++) json_array_append_new(rows, pair_json(v->order[i]));
    for (size_t i = 0; i < v->pairs; i++)
        if (v->pair[i].control) json_array_append_new(rows, pair_json(&v->pair[i]));
    for (int c = 0; c < CHANGE_COUNT; c++)
        json_object_set_new(counts, change_verdict_name((enum change_verdict)c),
                            json_integer((json_int_t)v->count[c]));
    return json_pack("{s:o, s:o, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "old",
                     show_path(v->old->path), "new", show_path(v->new->path), "min_effect",
                     exp(v->least), "counts", counts, "noise", noise_json(&v->noise), "machine",
                     show_differences(&v->machine), "settings", show_differences(&v->settings),
                     "implementations", changed_json(v), "wrong", names_json(v->wrong, v->wrongs),
                     "only_old", names_json(v->rest[ONLY_OLD], v->rests[ONLY_OLD]), "only_new",
                     names_json(v->rest[ONLY_NEW], v->rests[ONLY_NEW]), "untimed",
                     names_json(v->rest[UNTIMED], v->rests[UNTIMED]), "rows", rows);
}
