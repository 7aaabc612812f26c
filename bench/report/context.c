#include "context.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/par.h"
#include "kernel.h"
#include "measure/sample.h"
#include "plugin/lane.h"
#include "twin.h"

json_t *json_number(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static json_t *known_count(double x)
{
    return x >= 0.0 ? json_integer((json_int_t)x) : json_string("unknown");
}

static json_t *isa_list(bool avx, bool fma, bool avx2, bool avx512)
{
    json_t *list = json_array();
    if (avx) json_array_append_new(list, json_string("avx"));
    if (fma) json_array_append_new(list, json_string("fma"));
    if (avx2) json_array_append_new(list, json_string("avx2"));
    if (avx512) json_array_append_new(list, json_string("avx512"));
    return list;
}

static void set_isas(json_t *c)
{
    const struct cpu *cpu = cpu_features();
    json_object_set_new(c, "isa_present",
                        isa_list(cpu->has_avx, cpu->has_fma, cpu->has_avx2, cpu->has_avx512));
    json_object_set_new(c, "isa_masked",
                        isa_list(cpu->has_avx && !cpu->os_avx, cpu->has_fma && !cpu->fma,
                                 cpu->has_avx2 && !cpu->avx2, cpu->has_avx512 && !cpu->avx512));
    json_object_set_new(c, "isa_used", json_string(kernel_set_best()->name));
}

static json_t *caches_json(const struct machine *m)
{
    json_t *list = json_array();
    for (size_t i = 0; i < m->caches; i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:i, s:I, s:i}", "type", m->cache[i].type, "level",
                                        m->cache[i].level, "size", (json_int_t)m->cache[i].bytes,
                                        "num_sharing", m->cache[i].sharing));
    return list;
}

static json_t *openmp_json(const struct machine *m)
{
    const struct par_settings s = par_settings();
    const char *wait = getenv("OMP_WAIT_POLICY");
    const struct par_cost cost = par_cost(s.max_threads);
    return json_pack("{s:s, s:s, s:i, s:i, s:b, s:s, s:i, s:s, s:f, s:f}", "environment", m->openmp,
                     "runtime", m->openmp_runtime, "version", s.version, "max_threads",
                     s.max_threads, "dynamic", (int)s.dynamic, "proc_bind", s.bind, "places",
                     s.places, "wait_policy", wait ? wait : "unknown", "region_ns", cost.region_ns,
                     "barrier_ns", cost.barrier_ns);
}

static json_t *libraries_json(const struct machine *m)
{
    json_t *all = json_object();
    for (size_t i = 0; i < m->libraries; i++)
        json_object_set_new(all, m->library[i].name, json_string(m->library[i].version));
    return all;
}

json_t *roofs_json(const struct roofs *roofs)
{
    json_t *list = json_array();
    for (size_t i = 0; i < roofs->count; i++) {
        const struct roof *r = &roofs->at[i];
        json_t *one = json_pack("{s:s, s:i, s:o}", "isa", isa_name(r->isa), "threads", r->threads,
                                "gflops", json_number(r->gflops));
        if (r->mhz > 0.0) json_object_set_new(one, "mhz", json_real(r->mhz));
        for (int b = BOUND_LOAD; b < BOUND_COUNT; b++)
            for (int l = 0; l < LEVEL_COUNT; l++) {
                char name[32];
                snprintf(name, sizeof name, "%s_gbps_%s", bound_name((enum bound)b),
                         level_name((enum level)l));
                json_object_set_new(one, name, json_number(r->gbps[b][l]));
            }
        json_array_append_new(list, one);
    }
    return list;
}

static void set_plugin(json_t *c)
{
    const struct plugin *p = plugin_loaded();
    char hash[24];
    if (!p) return;
    snprintf(hash, sizeof hash, "%016" PRIx64, p->hash);
    json_object_set_new(c, "plugin",
                        json_pack("{s:s, s:s, s:s, s:s}", "name", p->name, "release", p->release,
                                  "note", p->note, "hash", hash));
}

static void set_texts(json_t *c, const struct machine *m)
{
    const struct {
        const char *name, *value;
    } text[] = {{"date", m->date},
                {"host_name", m->host},
                {"command", m->command},
                {"cpu", m->cpu},
                {"cpu_model", m->cpu_model},
                {"microcode", m->microcode},
                {"kernel", m->kernel},
                {"virtualization", m->virtualization},
                {"container", m->container},
                {"cpu_quota", m->cpu_quota},
                {"governor", m->governor},
                {"boost", m->boost},
                {"smt", m->smt},
                {"thp", m->thp},
                {"aslr", m->aslr},
                {"compiler", m->compiler},
                {"flags", m->flags},
                {"lane_flags", m->lane_flags},
                {"commit", m->commit},
                {"onednn", twin_version()},
                {"onednn_isa", twin_cpu_isa()}};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        json_object_set_new(c, text[i].name, json_string(text[i].value));
}

json_t *context_json(const struct machine *m, const struct roofs *roofs)
{
    const bool governed = strcmp(m->governor, "unknown") != 0;
    json_t *c = json_pack("{s:i, s:s, s:s}", "hinge_schema", SCHEMA_VERSION, "hinge_version",
                          HINGE_VERSION, "library_build_type", HINGE_BUILD_TYPE);
    set_texts(c, m);
    set_isas(c);
    json_object_set_new(c, "num_cpus", json_integer(m->cpus));
    json_object_set_new(c, "cpus_allowed", json_integer(par_settings().procs));
    json_object_set_new(c, "cores", known_count(m->cores));
    json_object_set_new(c, "packages", known_count(m->packages));
    json_object_set_new(c, "numa_nodes", known_count(m->numa_nodes));
    json_object_set_new(c, "mhz_per_cpu",
                        m->mhz > 0.0 ? json_real(m->mhz) : json_string("unknown"));
    json_object_set_new(c, "cpu_scaling_enabled",
                        governed ? json_boolean(strcmp(m->governor, "performance") != 0)
                                 : json_string("unknown"));
    json_object_set_new(c, "caches", caches_json(m));
    json_object_set_new(c, "memory_bytes", known_count(m->memory_bytes));
    json_object_set_new(c, "memory_free_bytes", known_count(m->memory_free_bytes));
    json_object_set_new(c, "page_size", json_integer((json_int_t)m->page_bytes));
    json_object_set_new(c, "load_avg", m->load >= 0.0 ? json_pack("[f]", m->load) : json_array());
    json_object_set_new(
        c, "dirty", strcmp(m->commit, "unknown") ? json_boolean(m->dirty) : json_string("unknown"));
    json_object_set_new(c, "ftz", json_boolean(m->ftz));
    json_object_set_new(c, "daz", json_boolean(m->daz));
    json_object_set_new(c, "openmp", openmp_json(m));
    json_object_set_new(c, "libraries", libraries_json(m));
    json_object_set_new(c, "clock_overhead_ns", json_number(sample_overhead_ns()));
    json_object_set_new(c, "roofs", roofs_json(roofs));
    set_plugin(c);
    return c;
}
