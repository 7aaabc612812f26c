#define _GNU_SOURCE /* CPU_SET */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/par.h"
#include "cluster/launcher.h"
#include "cluster/share.h"

/* In the environment of what is started again, and of its workers: the cut is made. */
static const char MARK[] = "HINGE_RANK_CPUS";

struct place {
    int core, cpu;
};

static int by_core(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->core != y->core) return x->core < y->core ? -1 : 1;
    return (x->cpu > y->cpu) - (x->cpu < y->cpu);
}

/* The first hardware thread of its core stands for it. */
static int core_of(int cpu)
{
    char path[96];
    int core = cpu;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
    FILE *file = fopen(path, "r");
    if (!file) return cpu;
    if (fscanf(file, "%d", &core) != 1) core = cpu;
    fclose(file);
    return core;
}

static size_t allowed(struct place at[CPU_SETSIZE])
{
    cpu_set_t all;
    size_t n = 0;
    par_unbind(); /* OpenMP may have bound this thread */
    if (sched_getaffinity(0, sizeof all, &all) != 0) return 0;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET((size_t)cpu, &all)) at[n++] = (struct place){core_of(cpu), cpu};
    qsort(at, n, sizeof *at, by_core);
    return n;
}

static void start_again(const char *command, int argc, char *const argv[])
{
    static char hinge[] = "hinge";
    char **words = calloc((size_t)argc + 2, sizeof *words);
    if (!words) return;
    words[0] = hinge;
    words[1] = (char *)command;
    memcpy(words + 2, argv + 1, ((size_t)argc - 1) * sizeof *words);
    execv("/proc/self/exe", words);
    free(words);
}

enum status share_settle_cpus(const char *command, int argc, char *const argv[])
{
    static struct place at[CPU_SETSIZE];
    struct launcher l;
    cpu_set_t mine;
    const enum status status = launcher_read(&l);
    if (status != STATUS_OK || l.local_size <= 1 || l.bound || getenv(MARK)) return status;
    const size_t n = allowed(at);
    if (n < l.local_size)
        return fail(STATUS_USAGE,
                    "%zu ranks on this host, which are not bound, for %zu CPU%s: start no more "
                    "than one a CPU",
                    l.local_size, n, n == 1 ? "" : "s");
    CPU_ZERO(&mine);
    for (size_t i = n * l.local_rank / l.local_size; i < n * (l.local_rank + 1) / l.local_size; i++)
        CPU_SET((size_t)at[i].cpu, &mine);
    if (sched_setaffinity(0, sizeof mine, &mine) == 0 && setenv(MARK, "cut", 1) == 0)
        start_again(command, argc, argv);
    return fail(STATUS_OS, "rank %zu cannot be bound to its part of the CPUs", l.rank);
}
