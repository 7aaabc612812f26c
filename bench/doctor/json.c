#include <math.h>

#include "doctor.h"
#include "report/context.h"
#include "report/json_file.h"

static json_t *symptoms_json(const struct symptoms *all)
{
    json_t *list = json_array();
    for (size_t i = 0; i < all->count; i++) {
        const struct symptom *f = &all->at[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", f->id, "verdict",
                                        health_name(f->health), "seen", f->seen, "why", f->why,
                                        "mend", *f->mend ? json_string(f->mend) : json_null()));
    }
    return list;
}

/* In nanoseconds, a row for each pair: of A, of B; and of B over A. */
static json_t *pairs_json(const struct probe *p, int kind)
{
    json_t *list = json_array();
    for (size_t i = 0; i < p->pairs; i++)
        json_array_append_new(list, json_pack("[o, o, o]", json_number(exp(p->time[i][0][kind])),
                                              json_number(exp(p->time[i][1][kind])),
                                              json_number(exp(p->ratio[i][kind]))));
    return list;
}

static json_t *effect_json(const struct doctor *d, int kind)
{
    const struct effect *e = &d->effect[kind];
    const struct probe_counts *c = &d->probe.counts[kind];
    json_t *o =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "kind", probe_kind_name((enum probe_kind)kind),
                  "pairs_of_ab", (json_int_t)e->pairs, "processes_of_compare",
                  (json_int_t)e->processes, "samples", (json_int_t)c->kept, "retaken",
                  (json_int_t)c->retaken, "disturbed", (json_int_t)c->disturbed);
    const struct {
        const char *name;
        double value;
    } field[] = {{"ab", e->ab},
                 {"ab_most", e->ab_most},
                 {"compare", e->compare},
                 {"compare_most", e->compare_most},
                 {"drift", e->drift},
                 {"noise_floor", e->floor},
                 {"minutes_for_min_effect", e->minutes}};
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        json_object_set_new(o, field[i].name, json_number(field[i].value));
    json_object_set_new(o, "pairs", pairs_json(&d->probe, kind));
    return o;
}

static json_t *probe_json(const struct doctor *d)
{
    json_t *kinds = json_array();
    if (!d->probe.pairs) {
        json_decref(kinds);
        return json_null();
    }
    for (int k = 0; k < d->kinds; k++) json_array_append_new(kinds, effect_json(d, k));
    return json_pack("{s:I, s:o, s:i, s:i, s:o}", "pairs", (json_int_t)d->probe.pairs, "seconds",
                     json_number(d->probe.seconds), "run_seconds", RUN_SECONDS, "run_rows",
                     RUN_ROWS, "kinds", kinds);
}

enum status doctor_json(const struct doctor *d, const char *path)
{
    const struct roofs none = {.count = 0};
    json_t *root =
        json_pack("{s:i, s:o, s:o, s:o, s:b, s:s, s:s, s:o}", "doctor_schema", 1, "min_effect",
                  json_number(d->min_effect), "findings", symptoms_json(&d->symptoms), "probe",
                  probe_json(d), "sees_min_effect", (int)doctor_sees(d), "summary", d->summary,
                  "environment", d->environment, "machine", context_json(&d->machine, &none));
    return json_file_write(path, root, 12);
}
