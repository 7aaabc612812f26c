/* hinge info: the machine, its instruction sets, libraries and roofs. */
#include <stdio.h>
#include <string.h>

#include "base/cpu.h"
#include "base/par.h"
#include "check/twins.h"
#include "commands.h"
#include "measure/likwid.h"
#include "measure/sample.h"
#include "peers.h"
#include "report/file.h"
#include "report/result.h"
#include "report/table.h"
#include "twin.h"

enum { KEY_NO_ROOFS = 256, KEY_JSON, KEY_LIKWID };

struct arguments {
    const char *json;
    bool no_roofs, likwid;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case KEY_NO_ROOFS:
        a->no_roofs = true;
        return 0;
    case KEY_LIKWID:
        a->likwid = true;
        return 0;
    case KEY_JSON:
        a->json = arg;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not an option", arg);
        return 0;
    case ARGP_KEY_END:
        if (a->likwid && a->no_roofs)
            argp_error(state, "--likwid and --no-roofs: there is nothing to hold likwid's to");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_isa(const char *name, bool present, bool used)
{
    printf("  %-8s %s\n", name,
           used      ? "used"
           : present ? "present, but not saved by the operating system"
                     : "absent");
}

static void print_caches(const struct machine *m)
{
    printf("caches    ");
    for (size_t i = 0; i < m->caches; i++) {
        const struct cache *c = &m->cache[i];
        const bool big = c->bytes >= 0x1p20;
        printf("%s L%d%s %.0f %s", i ? "," : "", c->level,
               c->level > 1      ? ""
               : *c->type == 'D' ? "d"
                                 : "i",
               c->bytes / (big ? 0x1p20 : 0x1p10), big ? "MiB" : "KiB");
    }
    puts(m->caches ? "" : " unknown");
}

static void print_software(const struct machine *m)
{
    const struct par_settings omp = par_settings();
    printf("build      %s, %s, commit %s%s\n", m->compiler, m->flags, m->commit,
           m->dirty ? " and uncommitted changes" : "");
    printf("openmp     %s, %d threads, bind %s, %d places; %s\n", m->openmp_runtime,
           omp.max_threads, omp.bind, omp.places, *m->openmp ? m->openmp : "no variable set");
    if (omp.max_threads > 1) {
        const struct par_cost cost = par_cost(omp.max_threads);
        printf("           a region of %d threads costs %.2g us, a barrier in it %.2g us\n",
               omp.max_threads, 1e-3 * cost.region_ns, 1e-3 * cost.barrier_ns);
    }
    printf("libraries ");
    for (size_t i = 0; i < m->libraries; i++)
        printf(" %s %s,", m->library[i].name, m->library[i].version);
    printf(" %s (%s)\n", twins_version(), twin_cpu_isa());
}

static void print_machine(const struct machine *m)
{
    const struct cpu *cpu = cpu_features();
    printf("cpu        %s, %s, microcode %s\n", m->cpu, m->cpu_model, m->microcode);
    printf("cores      %d, %d hardware threads (%d allowed), %d NUMA node%s, SMT %s\n", m->cores,
           m->cpus, par_settings().procs, m->numa_nodes, m->numa_nodes == 1 ? "" : "s", m->smt);
    print_caches(m);
    printf("memory     %.1f GiB, %.1f free, huge pages %s\n", m->memory_bytes / 0x1p30,
           m->memory_free_bytes / 0x1p30, m->thp);
    printf("kernel     %s, governor %s, boost %s\n", m->kernel, m->governor, m->boost);
    printf("virtual    machine: %s, container: %s, CPU quota %s\n", m->virtualization, m->container,
           m->cpu_quota);
    printf("load       %.2f\n", m->load);
    print_software(m);
    puts("instruction sets");
    print_isa("avx", cpu->has_avx, cpu->os_avx && cpu->has_avx);
    print_isa("fma", cpu->has_fma, cpu->fma);
    print_isa("avx2", cpu->has_avx2, cpu->avx2);
    print_isa("avx512", cpu->has_avx512, cpu->avx512);
    printf("applications get the lane %s; FTZ %s, DAZ %s\n", kernel_set_best()->name,
           m->ftz ? "on" : "off", m->daz ? "on" : "off");
}

static void measure_roofs(struct roofs *roofs)
{
    const int threads[] = {1, par_max_threads()};
    for (int t = 0; t < 1 + (threads[1] > 1); t++)
        for (int isa = ISA_AVX2; isa <= ISA_AVX512; isa++)
            roofs_measure(roofs, (enum isa)isa, threads[t]);
}

/* Our roofs once more behind it, of which the higher counts: likwid's low figures have had further tries too. Where
 * it is not installed that is a sentence, and no failure. */
static void measure_likwid(struct result *r)
{
    for (size_t i = 0; i < r->roofs.count; i++) {
        int missing;
        const enum status status =
            likwid_measure(&r->roofs, &r->roofs.at[i], &r->likwid.at[i], &missing);
        if (status != STATUS_OK) {
            fprintf(stderr, "hinge info: %s (Debian: likwid): the roofs stand alone\n",
                    status_text());
            return;
        }
        r->likwid.count++;
        if (missing)
            fprintf(stderr, "hinge info: %d figures are missing; the last: %s\n", missing,
                    status_text());
    }
    struct roofs again = r->roofs;
    again.count = 0;
    measure_roofs(&again);
    roofs_take_higher(&r->roofs, &again);
}

/* After the roofs: a library brings its own threads. */
static void print_peers(void)
{
    for (int p = 0; p < PEER_COUNT; p++) {
        const char *version = peer_version((enum peer)p), *held = peer_held_by((enum peer)p);
        const bool here = strcmp(version, "none") != 0;
        printf("%-10s %s%s%s\n", p ? "" : "peers", here ? version : status_text(),
               here && held ? ", held to these kernels by " : "", here && held ? held : "");
    }
}

static enum status describe(const struct arguments *a)
{
    static struct result result;
    const bool text = !a->json || strcmp(a->json, "-") != 0;
    if (a->json && file_writable(a->json) != STATUS_OK) return STATUS_NO_OUTPUT;
    if (!a->no_roofs && sample_clock_check() != STATUS_OK) return STATUS_UNAVAILABLE;
    machine_read(&result.machine);
    roofs_open(&result.roofs);
    if (text) print_machine(&result.machine);
    fflush(stdout);
    if (!a->no_roofs) measure_roofs(&result.roofs);
    if (a->likwid) measure_likwid(&result);
    if (text && !a->no_roofs) table_roofs(stdout, &result.roofs);
    if (text) table_likwid(stdout, &result.roofs, &result.likwid);
    if (text) print_peers();
    return a->json ? result_write(&result, a->json) : STATUS_OK;
}

static const struct argp_option rows[] = {
    {"json", KEY_JSON, "FILE", 0,
     "write the machine card: the context of a result file without rows, and what shares which "
     "caches; - is the standard output, and nothing else goes there",
     0},
    {"no-roofs", KEY_NO_ROOFS, NULL, 0,
     "do not measure the roofs, of one thread and of all (about 2 s)", 0},
    {"likwid", KEY_LIKWID, NULL, 0,
     "beside each roof what likwid-bench makes of it, where that is installed (about 10 s for each "
     "lane and number of threads)",
     0},
    {0}};
const struct argp info_argp = {.options = rows,
                               .parser = parse,
                               .doc =
                                   "Show the machine, its instruction sets, libraries and roofs."};

int cmd_info(int argc, char **argv)
{
    struct arguments a = {.json = NULL};
    argp_parse(&info_argp, argc, argv, 0, NULL, &a);
    const enum status status = describe(&a);
    if (status != STATUS_OK) fprintf(stderr, "hinge info: %s\n", status_text());
    return (int)status;
}
