#include "result.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "file.h"

static enum isa roof_lane(enum isa isa)
{
    if (isa == ISA_AVX512 || isa == ISA_OMP_AVX512) return ISA_AVX512;
    if (isa == ISA_COUNT) return strstr(twin_cpu_isa(), "avx512") ? ISA_AVX512 : ISA_AVX2;
    return ISA_AVX2;
}

double roof_share(const struct roofs *roofs, const struct row *row, enum isa isa, double ns,
                  enum bound *bound)
{
    const struct roof *roof = roofs_find(roofs, roof_lane(isa), row->threads);
    const struct traffic t = row_traffic(row);
    *bound = BOUND_FMA;
    if (!roof || !(ns > 0.0)) return NAN;
    return roof_seconds(roofs, roof, &t, bound) / (1e-9 * ns);
}

static json_t *bench_context(const struct result *r)
{
    json_t *c = context_json(&r->machine, &r->roofs);
    char seed[24];
    if (!r->grid) return c;
    if (r->before.count) json_object_set_new(c, "roofs_before", roofs_json(&r->before));
    if (r->after.count) json_object_set_new(c, "roofs_after", roofs_json(&r->after));
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)r->seed);
    json_object_set_new(c, "grid", json_string(r->grid));
    json_object_set_new(c, "data", json_string(r->data));
    json_object_set_new(c, "seed", json_string(seed)); /* an integer of JSON has 63 bits */
    json_t *notes = json_array();
    for (size_t i = 0; i < r->count; i++)
        if (r->rows[i].note[0])
            json_array_append_new(notes,
                                  json_pack("{s:s, s:i, s:s}", "name", r->rows[i].name, "threads",
                                            r->rows[i].threads, "note", r->rows[i].note));
    json_object_set_new(c, "notes", notes);
    return c;
}

static void set_shape(json_t *to, const struct shape *s)
{
    json_object_set_new(to, "shape",
                        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "depth",
                                  (json_int_t)s->depth, "heads", (json_int_t)s->heads, "m",
                                  (json_int_t)s->m, "n", (json_int_t)s->n, "k", (json_int_t)s->k,
                                  "vocab", (json_int_t)s->vocab, "nnz", (json_int_t)s->nnz, "pad",
                                  (json_int_t)s->pad));
    json_object_set_new(to, "scale", json_number((double)s->scale));
}

static json_t *ratio_json(const struct interval *x, const char *impl)
{
    return json_pack("{s:o, s:o, s:o, s:s}", "ratio", json_number(x->at), "lo", json_number(x->lo),
                     "hi", json_number(x->hi), "impl", impl);
}

static const char *isa_of(const struct variant *v)
{
    if (v->isa != ISA_COUNT) return isa_name(v->isa);
    return variant_is_twin(v) ? twin_cpu_isa() : "unknown"; /* a library's version names it */
}

static void set_times(json_t *to, const struct result *r, const struct row *row,
                      const struct variant *v)
{
    const double *ns = v->samples.ns;
    const size_t count = v->samples.count;
    const double median = stats_median(ns, count);
    enum bound bound;
    json_t *all = json_array();
    for (size_t i = 0; i < count; i++) json_array_append_new(all, json_number(ns[i]));
    json_object_set_new(to, "real_time_ns", json_number(median));
    json_object_set_new(to, "real_time", json_number(median));
    json_object_set_new(to, "cpu_time", json_number(v->samples.cpu_ns / (double)count));
    json_object_set_new(to, "time_unit", json_string("ns"));
    json_object_set_new(to, "min", json_number(stats_min(ns, count)));
    json_object_set_new(to, "median", json_number(median));
    json_object_set_new(to, "mad", json_number(stats_mad(ns, count)));
    json_object_set_new(to, "samples", all);
    json_object_set_new(to, "iterations", json_integer((json_int_t)v->samples.iterations));
    json_object_set_new(to, "retaken", json_integer((json_int_t)v->samples.retaken));
    json_object_set_new(to, "disturbed", json_integer((json_int_t)v->samples.disturbed));
    json_object_set_new(to, "switches", json_integer((json_int_t)v->samples.switches));
    json_object_set_new(to, "stolen_ns", json_number(row->stolen_ns));
    json_object_set_new(to, "gflops", json_number(row->flops / median));
    json_object_set_new(to, "gbps", json_number(row->bytes / median));
    if (row_tokens(row) > 0.0)
        json_object_set_new(to, "items_per_second", json_number(1e9 * row_tokens(row) / median));
    json_object_set_new(to, "roof_share",
                        json_number(roof_share(&r->roofs, row, v->isa, median, &bound)));
    json_object_set_new(to, "bound_by", json_string(bound == BOUND_FMA ? "compute" : "memory"));
    json_object_set_new(to, "roof", json_string(bound_name(bound)));
    json_object_set_new(to, "level",
                        json_string(level_name(
                            roofs_level(&r->roofs, (size_t)row_traffic(row).held, row->threads))));
    if (v->vs_onednn.at > 0.0 && v->isa != ISA_COUNT)
        json_object_set_new(to, "vs_onednn",
                            ratio_json(&v->vs_onednn, row->variant[row->best_twin].impl));
}

static void set_peers(json_t *to, const struct row *row, const struct variant *v)
{
    json_t *all = json_object();
    for (size_t i = 0; i < row->variants; i++) {
        const struct variant *x = &row->variant[i];
        if (x->peer == PEER_COUNT || !(v->vs_peer[x->peer].at > 0.0)) continue;
        json_object_set_new(all, x->name, ratio_json(&v->vs_peer[x->peer], x->impl));
    }
    if (json_object_size(all)) json_object_set(to, "vs_peers", all);
    json_decref(all);
}

static json_t *variant_json(const struct result *r, const struct row *row, const struct variant *v)
{
    char name[256];
    snprintf(name, sizeof name, "%s/threads:%d/%s", row->name, row->threads, v->name);
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:b}", "name", name, "run_name",
                          name, "run_type", "iteration", "kernel", row->work.spec->name, "threads",
                          row->threads, "variant", v->name, "impl", v->impl, "ftz", (int)v->ftz);
    json_object_set_new(o, "isa", json_string(isa_of(v)));
    json_object_set_new(o, "cache", json_string(row->work.copies > 1 ? "cold" : "hot"));
    json_object_set_new(o, "copies", json_integer((json_int_t)row->work.copies));
    set_shape(o, &row->work.shape);
    json_object_set_new(o, "flops", json_number(row->flops));
    json_object_set_new(o, "bytes", json_number(row->bytes));
    json_object_set_new(o, "memory", json_number(workload_bytes(row->work.spec, &row->work.shape)));
    json_object_set_new(o, "max_ulp", json_number(v->readout.max_ulp));
    json_object_set_new(o, "bound_used", json_number(v->readout.bound_used));
    json_object_set_new(o, "checked", json_number(row->checked));
    if (row->note[0]) json_object_set_new(o, "note", json_string(row->note));
    if (v->samples.count < row->rounds) json_object_set_new(o, "fell_out", json_true());
    if (v->state == STATE_TIMED && v->samples.count) {
        set_times(o, r, row, v);
        set_peers(o, row, v);
    } else {
        /* Zeros, as Google Benchmark's own rows with an error have them. */
        json_object_set_new(o, "iterations", json_integer(0));
        json_object_set_new(o, "real_time", json_integer(0));
        json_object_set_new(o, "cpu_time", json_integer(0));
        json_object_set_new(o, "time_unit", json_string("ns"));
        json_object_set_new(o, "error_occurred", json_true());
        json_object_set_new(o, "error_message",
                            json_string(v->state == STATE_REF     ? "oneDNN fell back to ref"
                                        : v->state == STATE_WRONG ? row->wrong
                                                                  : "not sampled"));
    }
    if (row->has_signal)
        json_object_set_new(
            o, "signal",
            json_pack("{s:o, s:o, s:o, s:o, s:o}", "gain_per_layer", json_number(row->signal.gain),
                      "dead", json_number(row->signal.dead), "zero", json_number(row->signal.zero),
                      "subnormal", json_number(row->signal.subnormal), "overflow",
                      json_number(row->signal.overflow)));
    return o;
}

enum status result_writable(const char *path)
{
    if (strcmp(path, "-") == 0)
        return fail(STATUS_USAGE, "--json -: the table goes to the standard output; name a file");
    return file_writable(path);
}

enum status result_write(const struct result *r, const char *path)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->count; i++)
        for (size_t v = 0; v < r->rows[i].variants; v++)
            json_array_append_new(list, variant_json(r, &r->rows[i], &r->rows[i].variant[v]));
    json_t *root = json_pack("{s:o, s:o}", "context", bench_context(r), "benchmarks", list);
    char *text = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(root);
    if (!text) return fail(STATUS_OS, "no memory for the result file %s", path);
    const enum status status = file_write(path, text);
    free(text);
    return status;
}
