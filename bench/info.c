/* hinge info: the machine, its instruction sets, libraries and roofs. */
#include <argp.h>
#include <stdio.h>

#include "base/cpu.h"
#include "base/par.h"
#include "commands.h"
#include "measure/machine.h"
#include "measure/roofs.h"
#include "twin.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'r':
        *(bool *)state->input = false;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not an option", arg);
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

static void print_machine(const struct machine *m)
{
    const struct cpu *cpu = cpu_features();
    printf("cpu        %s (microcode %s, %s)\n", m->cpu, m->microcode, m->virtualization);
    printf("cores      %d, %d hardware threads, %d NUMA node%s\n", m->cores, m->cpus, m->numa_nodes,
           m->numa_nodes == 1 ? "" : "s");
    printf("memory     %.1f GiB\n", m->memory_bytes / 0x1p30);
    printf("kernel     %s, governor %s, huge pages %s\n", m->kernel, m->governor, m->thp);
    printf("load       %.2f\n", m->load);
    printf("build      %s, %s, commit %s\n", m->compiler, m->flags, m->commit);
    printf("libraries  %s, %s (%s)\n", m->libraries, twin_version(), twin_cpu_isa());
    printf("openmp     %s\n", m->openmp);
    puts("instruction sets");
    print_isa("avx", cpu->has_avx, cpu->os_avx && cpu->has_avx);
    print_isa("fma", cpu->has_fma, cpu->fma);
    print_isa("avx2", cpu->has_avx2, cpu->avx2);
    print_isa("avx512", cpu->has_avx512, cpu->avx512);
    printf("applications get the lane %s\n", kernel_set_best()->name);
}

static void print_roofs(void)
{
    struct roofs roofs;
    roofs_open(&roofs);
    printf("roofs      %-8s %7s %9s", "lane", "threads", "GFLOP/s");
    for (int l = 0; l < LEVEL_COUNT; l++) printf("  %4s load/store", level_name((enum level)l));
    putchar('\n');
    for (int threads = 1; threads <= par_max_threads(); threads *= 2)
        for (int isa = ISA_AVX2; isa <= ISA_AVX512; isa++) {
            const struct roof *r = roofs_measure(&roofs, (enum isa)isa, threads);
            if (!r) continue;
            printf("           %-8s %7d %9.1f", isa_name(r->isa), r->threads, r->gflops);
            for (int l = 0; l < LEVEL_COUNT; l++)
                printf("  %6.0f / %6.0f", r->load_gbps[l], r->store_gbps[l]);
            puts(" GB/s");
        }
}

int cmd_info(int argc, char **argv)
{
    static const struct argp_option option[] = {
        {"no-roofs", 'r', NULL, 0, "do not measure the roofs (about 2 s)", 0}, {0}};
    static const struct argp argp = {
        option, parse, NULL, "Show the machine, its instruction sets, libraries and roofs.",
        NULL,   NULL,  NULL};
    static char name[] = "hinge info";
    bool roofs = true;
    struct machine machine;
    argv[0] = name;
    argp_parse(&argp, argc, argv, 0, NULL, &roofs);
    machine_read(&machine);
    print_machine(&machine);
    if (roofs) print_roofs();
    return STATUS_OK;
}
