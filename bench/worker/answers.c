#include "answers.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "report/context.h"

static const char *state_name(enum state state)
{
    return state == STATE_WRONG     ? "wrong"
           : state == STATE_REF     ? "ref"
           : state == STATE_FLUSHED ? "flushed"
                                    : "timed";
}

static json_t *variant_opened(const struct variant *v)
{
    char words[24];
    snprintf(words, sizeof words, "%016" PRIx64, v->words);
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "name", v->name, "impl", v->impl, "state",
                  state_name(v->state), "words", words, "max_ulp", json_number(v->readout.max_ulp),
                  "bound_used", json_number(v->readout.bound_used));
    if (v->isa != ISA_COUNT)
        json_object_set_new(o, "isa", json_string(isa_name(v->isa)));
    else if (v->peer != PEER_COUNT)
        json_object_set_new(o, "peer", json_string(peer_name(v->peer)));
    else
        json_object_set_new(o, "form", json_string(form_name(v->form)));
    if (v->ftz) json_object_set_new(o, "ftz", json_true());
    return o;
}

json_t *answer_opened(const struct row *row, const struct opened *opened, double huge)
{
    json_t *variants = json_array(), *offset = json_array();
    for (size_t i = 0; i < row->variants; i++)
        json_array_append_new(variants, variant_opened(&row->variant[i]));
    for (size_t i = 0; i < row->work.ops; i++)
        json_array_append_new(offset, json_integer((json_int_t)row_offset(row, i)));
    json_t *o = json_pack("{s:f, s:f, s:o, s:o, s:o}", "seconds", opened->seconds, "oracle_seconds",
                          opened->oracle_seconds, "offset", offset, "huge", json_number(huge),
                          "variants", variants);
    if (row->checked > 0.0) json_object_set_new(o, "checked", json_real(row->checked));
    if (row->note[0]) json_object_set_new(o, "note", json_string(row->note));
    if (row->wrong[0]) json_object_set_new(o, "wrong", json_string(row->wrong));
    if (row->has_signal)
        json_object_set_new(o, "signal",
                            json_pack("{s:o, s:f, s:f, s:f, s:f}", "gain",
                                      json_number(row->signal.gain), "dead", row->signal.dead,
                                      "zero", row->signal.zero, "subnormal", row->signal.subnormal,
                                      "overflow", row->signal.overflow));
    return o;
}

static json_t *numbers(const double *x, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) json_array_append_new(list, json_number(x[i]));
    return list;
}

static json_t *variant_sampled(const char *name, const struct samples *s)
{
    json_t *o = json_pack("{s:s, s:I, s:I, s:I, s:o, s:o}", "name", name, "iterations",
                          (json_int_t)s->iterations, "retaken", (json_int_t)s->retaken, "disturbed",
                          (json_int_t)s->disturbed, "ns", numbers(s->ns, s->count), "cpu_ns",
                          numbers(s->cpu_ns, s->count));
    json_t *switches = json_array();
    long any = 0;
    for (size_t i = 0; i < s->count; i++) {
        json_array_append_new(switches, json_integer(s->switches[i]));
        any |= s->switches[i];
    }
    if (any) json_object_set(o, "switches", switches);
    json_decref(switches);
    return o;
}

json_t *answer_sampled(const struct sampler *s, const unsigned char *placed)
{
    json_t *variants = json_array(), *cpus = json_array();
    for (size_t t = 0; t < s->tasks; t++)
        json_array_append_new(variants, variant_sampled(s->task[t].name, &s->out[t]));
    for (size_t i = 0; i < s->cpus; i++) json_array_append_new(cpus, json_integer(s->cpu[i]));
    json_t *o = json_pack("{s:I, s:f, s:f, s:o, s:o}", "rounds", (json_int_t)s->round, "seconds",
                          1e-9 * s->spent_ns, "stolen_ns", s->stolen_ns, "cpus", cpus, "variants",
                          variants);
    if (!placed) return o;
    json_t *list = json_array();
    for (size_t i = 0; i < s->round; i++) json_array_append_new(list, json_integer(placed[i]));
    json_object_set_new(o, "placed", list);
    return o;
}

json_t *answer_closed(const struct row *row, double seconds)
{
    json_t *variants = json_array();
    for (size_t i = 0; i < row->variants; i++)
        if (row->variant[i].state == STATE_WRONG)
            json_array_append_new(variants, json_string(row->variant[i].name));
    json_t *o = json_pack("{s:f, s:o}", "seconds", seconds, "variants", variants);
    if (row->wrong[0]) json_object_set_new(o, "wrong", json_string(row->wrong));
    return o;
}
