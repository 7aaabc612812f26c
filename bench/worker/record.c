#include "record.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forks.h"

static enum status broken(const struct row *row, const char *what)
{
    return fail(STATUS_DATA, "%s: a worker's answer without %s", row->name, what);
}

static void copy(char *to, size_t size, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (text) snprintf(to, size, "%s", text);
}

/* NaN where there is no such number, which is what null stands for. */
static double number(const json_t *object, const char *key)
{
    const json_t *x = json_object_get(object, key);
    return json_is_number(x) ? json_number_value(x) : NAN;
}

static bool is_count(double x, double most)
{
    return x >= 0.0 && x <= most;
}

/* ---- opened */

static struct variant *find(struct row *row, const char *name)
{
    for (size_t i = 0; name && i < row->variants; i++)
        if (strcmp(row->variant[i].name, name) == 0) return &row->variant[i];
    return NULL;
}

static struct variant *add(struct row *row, const char *name)
{
    if (!name || row->variants == TASKS_MAX || strlen(name) >= sizeof row->variant->name)
        return NULL;
    struct variant *v = &row->variant[row->variants++];
    *v = (struct variant){.isa = ISA_COUNT, .peer = PEER_COUNT, .row = row};
    strcpy(v->name, name);
    strcpy(v->impl, name);
    return v;
}

/* False where the words name nothing that this program knows. */
static bool read_kind(struct variant *v, const json_t *from)
{
    const char *isa = json_string_value(json_object_get(from, "isa"));
    const char *form = json_string_value(json_object_get(from, "form"));
    const char *peer = json_string_value(json_object_get(from, "peer"));
    v->ftz = json_is_true(json_object_get(from, "ftz"));
    if (isa) return (v->isa = isa_from_name(isa)) != ISA_COUNT;
    for (int p = 0; peer && p < PEER_COUNT; p++)
        if (strcmp(peer, peer_name((enum peer)p)) == 0) v->peer = (enum peer)p;
    if (peer) return v->peer != PEER_COUNT;
    for (int f = 0; form && f < FORM_COUNT; f++)
        if (strcmp(form, form_name((enum form)f)) == 0) {
            v->form = (enum form)f;
            return true;
        }
    return false;
}

static bool read_variant(struct row *row, const json_t *from, bool first)
{
    const char *name = json_string_value(json_object_get(from, "name"));
    const char *state = json_string_value(json_object_get(from, "state"));
    const char *words = json_string_value(json_object_get(from, "words"));
    struct variant *v = find(row, name);
    if (!state || !words || (v != NULL) == first) return false;
    if (first) {
        v = add(row, name);
        if (!v || !read_kind(v, from)) return false;
        copy(v->impl, sizeof v->impl, from, "impl");
        v->words = strtoull(words, NULL, 16);
        v->readout = (struct readout){number(from, "max_ulp"), number(from, "bound_used")};
    }
    if (strcmp(state, "wrong") == 0) v->state = STATE_WRONG;
    if (strcmp(state, "ref") == 0) v->state = STATE_REF;
    if (strcmp(state, "flushed") == 0) v->state = STATE_FLUSHED;
    return true;
}

static void read_signal(struct row *row, const json_t *from)
{
    if (!from) return;
    row->has_signal = true;
    row->signal = (struct signal){number(from, "gain"), number(from, "dead"), number(from, "zero"),
                                  number(from, "subnormal"), number(from, "overflow")};
}

static enum status read_opened(struct row *row, const json_t *opened, struct row_fork *fork)
{
    const json_t *offset = json_object_get(opened, "offset"), *x;
    json_t *variants = json_object_get(opened, "variants");
    const bool first = row->variants == 0;
    size_t i;
    if (!json_is_array(variants)) return broken(row, "variants");
    json_array_foreach(variants, i, x) if (!read_variant(row, x, first)) return broken(
        row, "a variant's name, kind, state or words");
    if (json_array_size(offset) > OPERANDS_MAX) return broken(row, "offsets");
    fork->offsets = json_array_size(offset);
    json_array_foreach(offset, i, x)
    {
        if (!is_count((double)json_integer_value(x), 4095.0)) return broken(row, "offsets");
        fork->offset[i] = (unsigned)json_integer_value(x);
    }
    fork->huge = number(opened, "huge");
    if (!first) return STATUS_OK;
    copy(row->note, sizeof row->note, opened, "note");
    const double checked = number(opened, "checked");
    row->checked = checked >= 0.0 ? checked : 0.0;
    read_signal(row, json_object_get(opened, "signal"));
    return STATUS_OK;
}

/* ---- sampled */

/* Positive numbers; how many, SIZE_MAX where they are no such list. */
static size_t read_times(const json_t *list, double to[SAMPLES_MAX])
{
    const size_t n = json_array_size(list);
    if (!json_is_array(list) || n > SAMPLES_MAX) return SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        const json_t *x = json_array_get(list, i);
        to[i] = json_number_value(x);
        if (!json_is_number(x) || !(to[i] > 0.0)) return SIZE_MAX;
    }
    return n;
}

static bool read_samples(const json_t *from, struct samples *s)
{
    const json_t *switches = json_object_get(from, "switches");
    const double iterations = number(from, "iterations"), retaken = number(from, "retaken");
    const double disturbed = number(from, "disturbed");
    s->count = read_times(json_object_get(from, "ns"), s->ns);
    if (s->count == SIZE_MAX) return false;
    if (read_times(json_object_get(from, "cpu_ns"), s->cpu_ns) != s->count) return false;
    for (size_t i = 0; i < s->count; i++)
        s->switches[i] = (long)json_integer_value(json_array_get(switches, i));
    if (!is_count(iterations, 0x1p53) || !is_count(retaken, 0x1p53) || !is_count(disturbed, 0x1p53))
        return false;
    s->iterations = (size_t)iterations;
    s->retaken = (size_t)retaken;
    s->disturbed = (size_t)disturbed;
    return true;
}

/* Of a sweep: the placement of each round. */
static enum status read_placed(const struct row *row, const json_t *sampled, struct row_fork *fork)
{
    const json_t *list = json_object_get(sampled, "placed"), *x;
    size_t i;
    if (!row->work.sweep) return STATUS_OK;
    if (json_array_size(list) != fork->rounds) return broken(row, "a placement of each round");
    json_array_foreach(list, i, x)
    {
        const bool known =
            json_is_integer(x) && is_count((double)json_integer_value(x), PLACEMENTS - 1.0);
        if (!known) return broken(row, "placements");
    }
    fork->placed = malloc(fork->rounds);
    if (!fork->placed) return fail(STATUS_OS, "no memory for the samples of %s", row->name);
    json_array_foreach(list, i, x) fork->placed[i] = (unsigned char)json_integer_value(x);
    return STATUS_OK;
}

static enum status read_sampled(struct row *row, const json_t *sampled, struct row_fork *fork)
{
    static struct samples samples;
    const double rounds = number(sampled, "rounds"), stolen = number(sampled, "stolen_ns");
    json_t *cpus = json_object_get(sampled, "cpus"),
           *variants = json_object_get(sampled, "variants");
    size_t i;
    json_t *x;
    if (!is_count(rounds, SAMPLES_MAX) || !(stolen >= 0.0) || !json_is_array(variants))
        return broken(row, "rounds");
    if (rounds < 1.0) return STATUS_OK; /* nothing was sampled: no fork */
    fork->rounds = (size_t)rounds;
    fork->stolen_ns = stolen;
    if (row->forks == 0) {
        row->cpus = json_array_size(cpus) < ROW_CPUS ? json_array_size(cpus) : ROW_CPUS;
        for (size_t c = 0; c < row->cpus; c++)
            row->cpu[c] = (int)json_integer_value(json_array_get(cpus, c));
    }
    enum status status = read_placed(row, sampled, fork);
    if (status == STATUS_OK) status = forks_begin(row, fork);
    size_t longest = 0;
    json_array_foreach(variants, i, x)
    {
        struct variant *v = find(row, json_string_value(json_object_get(x, "name")));
        if (!v || !read_samples(x, &samples) || samples.count > fork->rounds)
            return broken(row, "samples");
        if (samples.count > longest) longest = samples.count;
        if (status == STATUS_OK) status = forks_add(v, &samples);
    }
    if (longest != fork->rounds) return broken(row, "a sample of each round");
    return status;
}

/* ---- closed */

static void read_closed(struct row *row, const json_t *closed)
{
    size_t i;
    json_t *x;
    json_array_foreach(json_object_get(closed, "variants"), i, x)
    {
        struct variant *v = find(row, json_string_value(x));
        if (v) v->state = STATE_WRONG;
    }
    if (!row->wrong[0]) copy(row->wrong, sizeof row->wrong, closed, "wrong");
}

/* The row is not visited again. */
static void read_crash(struct row *row, const char *how, const char *variant)
{
    const bool known = variant && *variant;
    const size_t used = strlen(row->note);
    struct variant *v = find(row, variant);
    if (!v && known && (v = add(row, variant))) v->isa = isa_from_name(variant);
    if (v) v->state = STATE_CRASHED;
    snprintf(row->crash, sizeof row->crash, "%.23s: its process ended by %.40s",
             known ? variant : "unknown variant", how);
    snprintf(row->note + used, sizeof row->note - used, "%s%s", used ? "; " : "", row->crash);
    row->out = true;
}

enum status record_take(struct row *row, const json_t *visit)
{
    struct row_fork fork = {.rounds = 0};
    const json_t *opened = json_object_get(visit, "opened");
    const json_t *sampled = json_object_get(visit, "sampled");
    const json_t *closed = json_object_get(visit, "closed");
    const char *died = json_string_value(json_object_get(visit, "died"));
    enum status status = STATUS_OK;
    if (died) {
        read_crash(row, died, json_string_value(json_object_get(visit, "variant")));
    } else {
        if (!opened || !sampled || !closed) return broken(row, "opened, sampled and closed");
        status = read_opened(row, opened, &fork);
        if (status == STATUS_OK) status = read_sampled(row, sampled, &fork);
        if (status == STATUS_OK) read_closed(row, closed);
        row->again_variants = json_array_size(json_object_get(opened, "variants"));
        row->again_seconds = number(visit, "seconds") - number(sampled, "seconds") -
                             number(opened, "oracle_seconds");
        if (!(row->again_seconds >= 0.0)) return broken(row, "seconds");
    }
    forks_summarize(row);
    return status;
}

json_t *record_open_request(const struct row *row)
{
    json_t *request = json_pack("{s:s, s:i, s:I}", "open", row->name, "threads", row->threads,
                                "copies", (json_int_t)row->work.copies);
    const struct row *like = row->like;
    if (row->forks == 0 && like && like->best_twin < like->variants)
        json_object_set_new(request, "forms",
                            json_pack("[s]", form_name(like->variant[like->best_twin].form)));
    if (row->forks == 0) return request;
    json_t *words = json_object();
    for (size_t i = 0; i < row->variants; i++) {
        char hex[24];
        if (!row_goes_on(row, i)) continue;
        snprintf(hex, sizeof hex, "%016" PRIx64, row->variant[i].words);
        json_object_set_new(words, row->variant[i].name, json_string(hex));
    }
    json_object_set_new(request, "words", words);
    return request;
}
