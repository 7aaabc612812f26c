#include "result.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cpu.h"
#include "gb.h"

enum { SCHEMA_VERSION = 1 };

/* JSON has no NaN and no infinity: null. */
static json_t *number(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static enum isa roof_lane(enum isa isa)
{
    if (isa == ISA_AVX512 || isa == ISA_OMP_AVX512) return ISA_AVX512;
    if (isa == ISA_COUNT) return kernel_set(ISA_AVX512) ? ISA_AVX512 : ISA_AVX2;
    return ISA_AVX2;
}

double roof_share(const struct roofs *roofs, const struct row *row, enum isa isa, double ns,
                  bool *memory)
{
    const struct roof *roof = roofs_find(roofs, roof_lane(isa), row->threads);
    *memory = false;
    if (!roof || !(ns > 0.0)) return NAN;
    return roof_seconds(roofs, roof, row->flops, row->bytes, memory) / (1e-9 * ns);
}

static json_t *isa_list(bool avx2, bool avx512)
{
    json_t *list = json_array();
    if (avx2) json_array_append_new(list, json_string("avx2"));
    if (avx512) json_array_append_new(list, json_string("avx512"));
    return list;
}

static json_t *roofs_json(const struct roofs *roofs)
{
    json_t *list = json_array();
    for (size_t i = 0; i < roofs->count; i++) {
        const struct roof *r = &roofs->at[i];
        json_t *one = json_pack("{s:s, s:i, s:f}", "isa", isa_name(r->isa), "threads", r->threads,
                                "gflops", r->gflops);
        for (int l = 0; l < LEVEL_COUNT; l++) {
            char name[32];
            snprintf(name, sizeof name, "load_gbps_%s", level_name((enum level)l));
            json_object_set_new(one, name, number(r->load_gbps[l]));
            snprintf(name, sizeof name, "store_gbps_%s", level_name((enum level)l));
            json_object_set_new(one, name, number(r->store_gbps[l]));
        }
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *context_json(const struct result *r)
{
    const struct machine *m = &r->machine;
    const struct cpu *cpu = cpu_features();
    json_t *c =
        json_pack("{s:s, s:s, s:i, s:s, s:i}", "date", m->date, "host_name", m->host, "num_cpus",
                  m->cpus, "library_build_type", "release", "hinge_schema", SCHEMA_VERSION);
    const struct {
        const char *name, *value;
    } text[] = {{"cpu", m->cpu},
                {"microcode", m->microcode},
                {"kernel", m->kernel},
                {"governor", m->governor},
                {"thp", m->thp},
                {"virtualization", m->virtualization},
                {"compiler", m->compiler},
                {"flags", m->flags},
                {"commit", m->commit},
                {"openmp", m->openmp},
                {"libraries", m->libraries},
                {"onednn", twin_version()},
                {"onednn_isa", twin_cpu_isa()},
                {"isa_used", kernel_set_best()->name},
                {"grid", r->grid},
                {"data", r->data}};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        json_object_set_new(c, text[i].name, json_string(text[i].value));
    json_object_set_new(c, "isa_present", isa_list(cpu->has_avx2, cpu->has_avx512));
    json_object_set_new(c, "isa_masked",
                        isa_list(cpu->has_avx2 && !cpu->avx2, cpu->has_avx512 && !cpu->avx512));
    json_object_set_new(c, "cores", json_integer(m->cores));
    json_object_set_new(c, "numa_nodes", json_integer(m->numa_nodes));
    json_object_set_new(c, "memory_bytes", number(m->memory_bytes));
    json_object_set_new(c, "load_avg", json_pack("[o]", number(m->load)));
    json_object_set_new(c, "clock_overhead_ns", number(sample_overhead_ns()));
    json_object_set_new(c, "seed", json_integer((json_int_t)r->seed));
    json_object_set_new(c, "roofs", roofs_json(&r->roofs));
    return c;
}

static void set_shape(json_t *to, const struct shape *s)
{
    json_object_set_new(to, "shape",
                        json_pack("{s:I, s:I, s:I, s:I, s:I}", "depth", (json_int_t)s->depth, "m",
                                  (json_int_t)s->m, "n", (json_int_t)s->n, "k", (json_int_t)s->k,
                                  "pad", (json_int_t)s->pad));
    json_object_set_new(to, "scale", number((double)s->scale));
}

static void set_times(json_t *to, const struct result *r, const struct row *row,
                      const struct variant *v)
{
    const double *ns = v->samples.ns;
    const double median = stats_median(ns, row->rounds);
    bool memory;
    json_t *all = json_array();
    for (size_t i = 0; i < row->rounds; i++) json_array_append_new(all, number(ns[i]));
    json_object_set_new(to, "real_time_ns", number(median));
    json_object_set_new(to, "real_time", number(median));
    json_object_set_new(to, "cpu_time", number(median));
    json_object_set_new(to, "time_unit", json_string("ns"));
    json_object_set_new(to, "min", number(stats_min(ns, row->rounds)));
    json_object_set_new(to, "median", number(median));
    json_object_set_new(to, "mad", number(stats_mad(ns, row->rounds)));
    json_object_set_new(to, "samples", all);
    json_object_set_new(to, "iterations", json_integer((json_int_t)v->samples.iterations));
    json_object_set_new(to, "retaken", json_integer((json_int_t)v->samples.retaken));
    json_object_set_new(to, "disturbed", json_integer((json_int_t)v->samples.disturbed));
    json_object_set_new(to, "gflops", number(row->flops / median));
    json_object_set_new(to, "gbps", number(row->bytes / median));
    json_object_set_new(to, "roof_share",
                        number(roof_share(&r->roofs, row, v->isa, median, &memory)));
    json_object_set_new(to, "bound_by", json_string(memory ? "memory" : "compute"));
    if (v->vs_onednn.at > 0.0 && v->isa != ISA_COUNT)
        json_object_set_new(to, "vs_onednn",
                            json_pack("{s:o, s:o, s:o, s:s}", "ratio", number(v->vs_onednn.at),
                                      "lo", number(v->vs_onednn.lo), "hi", number(v->vs_onednn.hi),
                                      "impl", row->variant[row->best_twin].impl));
}

static json_t *variant_json(const struct result *r, const struct row *row, const struct variant *v)
{
    char name[256];
    snprintf(name, sizeof name, "%s/threads:%d/%s", row->name, row->threads, v->name);
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:b}", "name", name, "run_name",
                          name, "run_type", "iteration", "kernel", row->work.spec->name, "threads",
                          row->threads, "variant", v->name, "impl", v->impl, "ftz", (int)v->ftz);
    json_object_set_new(o, "isa",
                        json_string(v->isa == ISA_COUNT ? twin_cpu_isa() : isa_name(v->isa)));
    json_object_set_new(o, "cache", json_string("hot"));
    set_shape(o, &row->work.shape);
    json_object_set_new(o, "flops", number(row->flops));
    json_object_set_new(o, "bytes", number(row->bytes));
    json_object_set_new(o, "max_ulp", number(v->readout.max_ulp));
    json_object_set_new(o, "bound_used", number(v->readout.bound_used));
    json_object_set_new(o, "checked_m", json_integer((json_int_t)row->check_shape.m));
    if (v->state == STATE_TIMED && row->rounds) {
        set_times(o, r, row, v);
    } else {
        json_object_set_new(o, "error_occurred", json_true());
        json_object_set_new(o, "error_message",
                            json_string(v->state == STATE_REF     ? "oneDNN fell back to ref"
                                        : v->state == STATE_WRONG ? row->wrong
                                                                  : "not sampled"));
    }
    if (row->has_signal)
        json_object_set_new(o, "signal",
                            json_pack("{s:o, s:o, s:o, s:o, s:o}", "gain_per_layer",
                                      number(row->signal.gain), "dead", number(row->signal.dead),
                                      "zero", number(row->signal.zero), "subnormal",
                                      number(row->signal.subnormal), "overflow",
                                      number(row->signal.overflow)));
    return o;
}

static enum status write_text(const char *path, const char *text)
{
    char beside[1024];
    if (snprintf(beside, sizeof beside, "%s.part", path) >= (int)sizeof beside)
        return fail(STATUS_NO_OUTPUT, "--json %s: the path is too long", path);
    const int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0) return fail(STATUS_NO_OUTPUT, "%s: %s", beside, strerror(errno));
    size_t left = strlen(text);
    bool fine = true;
    while (fine && left) {
        const ssize_t wrote = write(fd, text, left);
        fine = wrote > 0;
        if (fine) {
            text += wrote;
            left -= (size_t)wrote;
        }
    }
    fine = fine && fsync(fd) == 0;
    fine = close(fd) == 0 && fine;
    if (fine && rename(beside, path) == 0) return STATUS_OK;
    const int why = errno;
    unlink(beside);
    return fail(STATUS_NO_OUTPUT, "%s: %s", path, strerror(why));
}

enum status result_writable(const char *path)
{
    char beside[1024];
    snprintf(beside, sizeof beside, "%s.part", path);
    const int fd = open(beside, O_WRONLY | O_CREAT, 0644);
    if (fd < 0) return fail(STATUS_NO_OUTPUT, "%s cannot be written: %s", path, strerror(errno));
    close(fd);
    unlink(beside);
    return STATUS_OK;
}

enum status result_write(const struct result *r, const char *path)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->count; i++)
        for (size_t v = 0; v < r->rows[i].variants; v++)
            json_array_append_new(list, variant_json(r, &r->rows[i], &r->rows[i].variant[v]));
    json_t *root = json_pack("{s:o, s:o}", "context", context_json(r), "benchmarks", list);
    char *text = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(root);
    if (!text) return fail(STATUS_OS, "no memory for the result file %s", path);
    const enum status status = write_text(path, text);
    free(text);
    return status;
}
