#include "result.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "file.h"
#include "plugin/lane.h"
#include "sampling.h"
#include "swept.h"
#include "topology.h"

static enum isa roof_lane(const struct row *row, enum isa isa)
{
    if (isa == ISA_PLUGIN) isa = plugin_isa(row->work.spec);
    if (isa == ISA_AVX512 || isa == ISA_OMP_AVX512) return ISA_AVX512;
    if (isa == ISA_COUNT) return strstr(twin_cpu_isa(), "avx512") ? ISA_AVX512 : ISA_AVX2;
    return ISA_AVX2;
}

double roof_share(const struct roofs *roofs, const struct row *row, enum isa isa, double ns,
                  enum bound *bound)
{
    const struct roof *roof = roofs_find(roofs, roof_lane(row, isa), row->threads);
    const struct traffic t = row_traffic(row);
    *bound = BOUND_FMA;
    if (!roof || !(ns > 0.0)) return NAN;
    return roof_seconds(roofs, roof, &t, bound) / (1e-9 * ns);
}

static json_t *bench_context(const struct result *r)
{
    json_t *c = context_json(&r->machine, &r->roofs);
    char seed[24];
    if (r->likwid.count) json_object_set_new(c, "roofs_likwid", roofs_json(&r->likwid));
    if (!r->grid) {
        json_object_set_new(c, "topology", topology_json());
        return c;
    }
    if (r->before.count) json_object_set_new(c, "roofs_before", roofs_json(&r->before));
    if (r->after.count) json_object_set_new(c, "roofs_after", roofs_json(&r->after));
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)r->seed);
    json_object_set_new(c, "placement", json_string(r->sweep ? "sweep" : "fixed"));
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
    set_sampling(c, r);
    if (r->cluster) json_object_set(c, "cluster", r->cluster);
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

static json_t *ratio_json(const struct interval *x, const char *impl, size_t forks)
{
    return json_pack("{s:o, s:o, s:o, s:s, s:I}", "ratio", json_number(x->at), "lo",
                     json_number(x->lo), "hi", json_number(x->hi), "impl", impl, "forks",
                     (json_int_t)forks);
}

static const char *isa_of(const struct variant *v)
{
    if (v->isa == ISA_PLUGIN) {
        const enum isa isa = plugin_isa(v->row->work.spec);
        return isa == ISA_SCALAR ? "x86-64" : isa_name(isa);
    }
    if (v->isa != ISA_COUNT) return isa_name(v->isa);
    return variant_is_twin(v) ? twin_cpu_isa() : "unknown"; /* a library's version names it */
}

static json_t *times_json(const double *x, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) json_array_append_new(list, json_number(x[i]));
    return list;
}

static json_t *switches_json(const struct variant_fork *f, bool *any)
{
    json_t *list = json_array();
    for (size_t i = 0; i < f->count; i++) {
        json_array_append_new(list, json_integer(f->switches[i]));
        *any |= f->switches[i] != 0;
    }
    return list;
}

static json_t *offsets_json(const struct row_fork *f)
{
    json_t *list = json_array();
    for (size_t i = 0; i < f->offsets; i++)
        json_array_append_new(list, json_integer((json_int_t)f->offset[i]));
    return list;
}

/* One array for each process. */
static void set_samples(json_t *to, const struct row *row, const struct variant *v)
{
    json_t *samples = json_array(), *cpu = json_array(), *switches = json_array();
    json_t *stolen = json_array(), *placement = json_array();
    bool any = false;
    for (size_t f = 0; f < v->forks; f++) {
        json_array_append_new(samples, times_json(v->fork[f].ns, v->fork[f].count));
        json_array_append_new(cpu, times_json(v->fork[f].cpu_ns, v->fork[f].count));
        json_array_append_new(switches, switches_json(&v->fork[f], &any));
        json_array_append_new(stolen, json_number(row->fork[f].stolen_ns));
        json_array_append_new(placement, offsets_json(&row->fork[f]));
    }
    json_object_set_new(to, "samples", samples);
    json_object_set_new(to, "cpu_ns", cpu);
    if (any) json_object_set(to, "switches", switches);
    json_decref(switches);
    json_object_set_new(to, "stolen_ns", stolen);
    json_object_set_new(to, "placement", placement);
    json_object_set_new(to, "iterations", json_integer((json_int_t)v->iterations));
    json_object_set_new(to, "retaken", json_integer((json_int_t)v->retaken));
    json_object_set_new(to, "disturbed", json_integer((json_int_t)v->disturbed));
}

static void set_times(json_t *to, const struct variant *v, double target)
{
    const struct summary *s = &v->summary;
    const bool bounded = isfinite(s->half_width) && s->time.lo > 0.0;
    json_object_set_new(to, "real_time_ns", json_number(s->time.at));
    json_object_set_new(to, "real_time", json_number(s->time.at));
    json_object_set_new(to, "cpu_time", json_number(s->cpu_ns));
    json_object_set_new(to, "time_unit", json_string("ns"));
    json_object_set_new(to, "min", json_number(s->min));
    json_object_set_new(to, "median", json_number(s->time.at));
    json_object_set_new(to, "mad", json_number(s->mad));
    json_object_set_new(to, "interval",
                        bounded ? json_pack("{s:f, s:f}", "lo", s->time.lo, "hi", s->time.hi)
                                : json_null());
    json_object_set_new(to, "half_width", bounded ? json_real(s->half_width) : json_null());
    json_object_set_new(to, "met_target", json_boolean(s->half_width <= target));
}

static void set_rates(json_t *to, const struct result *r, const struct row *row,
                      const struct variant *v)
{
    const double median = v->summary.time.at;
    enum bound bound;
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
    if (v->summary.vs_onednn.at > 0.0 && v->isa != ISA_COUNT)
        json_object_set_new(
            to, "vs_onednn",
            ratio_json(&v->summary.vs_onednn, row->variant[row->best_twin].impl, row->forks));
}

static void set_peers(json_t *to, const struct row *row, const struct variant *v)
{
    json_t *all = json_object();
    for (size_t i = 0; i < row->variants; i++) {
        const struct variant *x = &row->variant[i];
        if (x->peer == PEER_COUNT || !(v->summary.vs_peer[x->peer].at > 0.0)) continue;
        json_object_set_new(all, x->name,
                            ratio_json(&v->summary.vs_peer[x->peer], x->impl, row->forks));
    }
    if (json_object_size(all)) json_object_set(to, "vs_peers", all);
    json_decref(all);
}

/* Zeros, as Google Benchmark's own rows with an error have them. */
static void set_error(json_t *to, const struct row *row, const struct variant *v)
{
    const char *why = "not sampled";
    if (v->state == STATE_REF) why = "oneDNN fell back to ref";
    if (v->state == STATE_FLUSHED) why = FLUSHED_ERROR;
    if (v->state == STATE_WRONG) why = row->wrong;
    if (v->state == STATE_CRASHED) why = row->crash;
    json_object_set_new(to, "iterations", json_integer(0));
    json_object_set_new(to, "real_time", json_integer(0));
    json_object_set_new(to, "cpu_time", json_integer(0));
    json_object_set_new(to, "time_unit", json_string("ns"));
    json_object_set_new(to, "error_occurred", json_true());
    json_object_set_new(to, "error_message", json_string(why));
}

static json_t *variant_json(const struct result *r, const struct row *row, const struct variant *v)
{
    char name[256];
    variant_name(row, v, name);
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:b}", "name", name, "run_name", name,
                  "run_type", "iteration", "kernel", row->work.spec->name, "threads", row->threads,
                  "variant", v->name, "impl", v->impl, "ftz", (int)(v->ftz || row->flush));
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
    if (v->state == STATE_TIMED && !v->summary.whole && v->forks)
        json_object_set_new(o, "fell_out", json_true());
    if (v->state == STATE_TIMED && v->forks) {
        set_times(o, v, r->sampling.target);
        set_samples(o, row, v);
        set_rates(o, r, row, v);
        set_peers(o, row, v);
        if (r->sweep) set_sweep(o, row, v);
    } else {
        set_error(o, row, v);
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

/* The context a field a line, then a row a line. Takes both references; NULL where memory is short. */
static char *lines_of(json_t *context, json_t *rows)
{
    enum { ALL = JSON_INDENT(1) | JSON_REAL_PRECISION(9) };
    char *text = NULL, *line = json_dumps(context, ALL);
    size_t bytes, i;
    json_t *row;
    FILE *out = open_memstream(&text, &bytes);
    if (out && line) fprintf(out, "{\n\"context\": %s,\n\"benchmarks\": [", line);
    json_array_foreach(rows, i, row)
    {
        free(line);
        line = json_dumps(row, JSON_REAL_PRECISION(9));
        if (out && line) fprintf(out, "%s\n%s", i ? "," : "", line);
        if (!line) break;
    }
    if (out && line) fputs("\n]\n}\n", out);
    const bool good = out && line && !ferror(out);
    const bool whole = out && fclose(out) == 0 && good;
    free(line);
    json_decref(context);
    json_decref(rows);
    if (whole) return text;
    free(text);
    return NULL;
}

enum status result_write(const struct result *r, const char *path)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->count; i++)
        for (size_t v = 0; v < r->rows[i].variants; v++)
            json_array_append_new(list, variant_json(r, &r->rows[i], &r->rows[i].variant[v]));
    return result_write_parts(bench_context(r), list, path);
}

enum status result_write_parts(json_t *context, json_t *rows, const char *path)
{
    char *text = lines_of(context, rows);
    if (!text) return fail(STATUS_OS, "no memory for the result file %s", path);
    const enum status status = file_write(path, text);
    free(text);
    return status;
}
