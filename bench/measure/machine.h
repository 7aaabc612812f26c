/* machine: where a result was measured. What cannot be read says "unknown". */
#ifndef MEASURE_MACHINE_H
#define MEASURE_MACHINE_H

#include <stddef.h>

enum { MACHINE_TEXT = 160 };

struct machine {
    char host[MACHINE_TEXT], cpu[MACHINE_TEXT], microcode[MACHINE_TEXT], kernel[MACHINE_TEXT];
    char governor[MACHINE_TEXT], thp[MACHINE_TEXT], virtualization[MACHINE_TEXT];
    char compiler[MACHINE_TEXT], flags[MACHINE_TEXT], commit[MACHINE_TEXT], date[MACHINE_TEXT];
    char openmp[4 * MACHINE_TEXT]; /* the OMP_ variables that are set */
    char libraries[MACHINE_TEXT];  /* Google Benchmark, Jansson, hwloc */
    int cpus, cores, numa_nodes;
    double memory_bytes, load; /* load: of the last minute at the start; -1 where unknown */
};

void machine_read(struct machine *machine);

/* Sets OMP_PROC_BIND, OMP_PLACES, OMP_WAIT_POLICY and OMP_DYNAMIC where the environment does not
 * and starts the program again with them: libgomp reads them once, at load. Returns where nothing
 * had to be set. */
void machine_settle_openmp(char **argv);

#endif
