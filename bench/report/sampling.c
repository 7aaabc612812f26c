#include "sampling.h"

#include <math.h>
#include <stdio.h>

#include "context.h"

void variant_name(const struct row *row, const struct variant *v, char name[256])
{
    snprintf(name, 256, "%s/threads:%d/%s", row->name, row->threads, v->name);
}

bool variant_missed(const struct result *r, const struct row *row, const struct variant *v)
{
    return v->state == STATE_TIMED && v->forks && v->forks == row->forks && v->summary.whole &&
           !(v->summary.half_width <= r->sampling.target);
}

static json_t *missed_json(const struct result *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->count; i++)
        for (size_t v = 0; v < r->rows[i].variants; v++) {
            char name[256];
            if (!variant_missed(r, &r->rows[i], &r->rows[i].variant[v])) continue;
            variant_name(&r->rows[i], &r->rows[i].variant[v], name);
            json_array_append_new(list, json_string(name));
        }
    return list;
}

static json_t *sampling_json(const struct result *r)
{
    const struct sampling *s = &r->sampling;
    return json_pack("{s:I, s:f, s:f, s:s, s:i, s:f, s:o, s:o}", "forks", (json_int_t)s->forks,
                     "target", s->target, "budget_s", s->budget, "order", "random", "retakes_max",
                     RETAKES, "min_sample_ns", SAMPLE_NS, "clock_overhead_ns",
                     json_number(sample_overhead_ns()), "missed", missed_json(r));
}

/* Where the first process had each team. */
static json_t *cpus_json(const struct result *r)
{
    json_t *all = json_object();
    for (size_t i = 0; i < r->count; i++) {
        const struct row *row = &r->rows[i];
        char threads[16];
        snprintf(threads, sizeof threads, "%d", row->threads);
        if (!row->cpus || json_object_get(all, threads)) continue;
        json_t *list = json_array();
        for (size_t c = 0; c < row->cpus; c++)
            json_array_append_new(list, json_integer(row->cpu[c]));
        json_object_set_new(all, threads, list);
    }
    return all;
}

/* Of the operands' memory in all processes, the mean over visits; "unknown" where Linux does not say. */
static json_t *huge_json(const struct result *r)
{
    double sum = 0.0;
    size_t n = 0;
    for (size_t i = 0; i < r->count; i++)
        for (size_t f = 0; f < r->rows[i].forks; f++, n++) sum += r->rows[i].fork[f].huge;
    return n && isfinite(sum) ? json_real(sum / (double)n) : json_string("unknown");
}

void set_sampling(json_t *context, const struct result *r)
{
    json_object_set_new(context, "sampling", sampling_json(r));
    json_object_set_new(context, "threads_to_cpus", cpus_json(r));
    json_object_set_new(context, "huge_pages", huge_json(r));
    json_object_set_new(context, "resumed", json_integer((json_int_t)r->sampling.resumed));
}
