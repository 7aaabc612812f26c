/* machine: where and with what a result was measured. What cannot be read says "unknown", a number
 * is then UNKNOWN. */
#ifndef MEASURE_MACHINE_H
#define MEASURE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

enum { MACHINE_TEXT = 160, MACHINE_CACHES = 8, MACHINE_LIBRARIES = 6, UNKNOWN = -1 };

struct cache {
    const char *type; /* "Data", "Instruction" or "Unified" */
    int level;
    double bytes;
    int sharing; /* hardware threads behind one of it */
};

struct library {
    const char *name;
    char version[32];
};

struct machine {
    char host[MACHINE_TEXT], date[MACHINE_TEXT], command[4 * MACHINE_TEXT];
    char cpu[MACHINE_TEXT], cpu_model[MACHINE_TEXT], microcode[MACHINE_TEXT];
    char kernel[2 * MACHINE_TEXT], virtualization[MACHINE_TEXT], container[MACHINE_TEXT];
    char governor[MACHINE_TEXT], boost[MACHINE_TEXT], smt[MACHINE_TEXT];
    char thp[MACHINE_TEXT];       /* transparent huge pages */
    char aslr[MACHINE_TEXT];      /* measure/pages.h */
    char cpu_quota[MACHINE_TEXT]; /* cgroup's "max 100000": none */
    char compiler[MACHINE_TEXT], commit[MACHINE_TEXT];
    const char *flags, *lane_flags; /* of all files; beside them, of each lane's */
    bool dirty;                     /* the tree of the build differed from its commit */
    char openmp[4 * MACHINE_TEXT];  /* the OMP_, GOMP_ and KMP_ variables that are set */
    char openmp_runtime[MACHINE_TEXT];
    int cpus, cores, packages, numa_nodes;
    double mhz, memory_bytes, memory_free_bytes, page_bytes, load; /* load: of the last minute */
    struct cache cache[MACHINE_CACHES];
    size_t caches;
    struct library library[MACHINE_LIBRARIES]; /* but for oneDNN and the peers */
    size_t libraries;
    bool ftz, daz; /* of the thread that read this; with --ftz, of every call */
};

void machine_read(struct machine *machine);
/* That built this program, with its version. */
const char *machine_compiler(void);

/* Sets OMP_PROC_BIND, OMP_PLACES, OMP_WAIT_POLICY and OMP_DYNAMIC where the environment does not
 * and starts the program again with them: libgomp reads them once, at load. Returns where nothing
 * had to be set. */
void machine_settle_openmp(char **argv);
/* The same with OMP_WAIT_POLICY=passive alone, for what is right or wrong at any speed: threads that spin on CPUs which
 * others use too cost many times the work. */
void machine_wait_passively(char **argv);

#endif
