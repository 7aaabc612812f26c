#define _GNU_SOURCE
#include "machine.h"

#include <hwloc.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "commit.h"
#include "gb.h"

extern char **environ;

static void copy(char to[MACHINE_TEXT], const char *from)
{
    snprintf(to, MACHINE_TEXT, "%.*s", MACHINE_TEXT - 1, from);
    to[strcspn(to, "\n")] = '\0';
}

static void read_line(char to[MACHINE_TEXT], const char *path)
{
    char line[MACHINE_TEXT] = "unknown";
    FILE *file = fopen(path, "r");
    if (file) {
        if (!fgets(line, sizeof line, file)) copy(line, "unknown");
        fclose(file);
    }
    copy(to, line);
}

static void read_cpuinfo(struct machine *m)
{
    char line[4096];
    copy(m->cpu, "unknown");
    copy(m->microcode, "unknown");
    copy(m->virtualization, "none seen");
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file) && *line != '\n') {
        const char *value = strchr(line, ':');
        if (!value) continue;
        if (strncmp(line, "model name", 10) == 0) copy(m->cpu, value + 2);
        if (strncmp(line, "microcode", 9) == 0) copy(m->microcode, value + 2);
        if (strncmp(line, "flags", 5) == 0 && strstr(value, " hypervisor"))
            copy(m->virtualization, "hypervisor");
    }
    if (file) fclose(file);
}

static void read_topology(struct machine *m)
{
    hwloc_topology_t topology;
    if (hwloc_topology_init(&topology)) return;
    if (hwloc_topology_load(topology) == 0) {
        m->cpus = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU);
        m->cores = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE);
        m->numa_nodes = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_NUMANODE);
    }
    hwloc_topology_destroy(topology);
}

static void read_openmp(struct machine *m)
{
    size_t used = 0;
    for (char **e = environ; *e; e++) {
        const size_t more = strlen(*e) + 1;
        if (strncmp(*e, "OMP_", 4) != 0 && strncmp(*e, "GOMP_", 5) != 0) continue;
        if (used + more >= sizeof m->openmp) break;
        used += (size_t)sprintf(m->openmp + used, "%s%s", used ? " " : "", *e);
    }
}

void machine_read(struct machine *m)
{
    struct utsname name;
    struct tm utc;
    const time_t now = time(NULL);
    *m = (struct machine){.load = -1.0};
    if (gethostname(m->host, sizeof m->host - 1)) copy(m->host, "unknown");
    if (uname(&name) == 0)
        snprintf(m->kernel, sizeof m->kernel, "%s %.100s", name.sysname, name.release);
    read_cpuinfo(m);
    read_topology(m);
    read_openmp(m);
    read_line(m->governor, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    read_line(m->thp, "/sys/kernel/mm/transparent_hugepage/enabled");
    m->memory_bytes = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    getloadavg(&m->load, 1);
    strftime(m->date, sizeof m->date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
#ifdef __clang__
    copy(m->compiler, "clang " __clang_version__);
#else
    copy(m->compiler, "gcc " __VERSION__);
#endif
    copy(m->flags, HINGE_FLAGS);
    copy(m->commit, HINGE_COMMIT);
    snprintf(m->libraries, sizeof m->libraries, "benchmark %s, jansson %s, hwloc %x", gb_version(),
             JANSSON_VERSION, hwloc_get_api_version());
}

void machine_settle_openmp(char **argv)
{
    static const char *const setting[][2] = {{"OMP_PROC_BIND", "close"},
                                             {"OMP_PLACES", "cores"},
                                             {"OMP_WAIT_POLICY", "active"},
                                             {"OMP_DYNAMIC", "false"}};
    int missing = 0;
    for (size_t i = 0; i < sizeof setting / sizeof *setting; i++) {
        if (getenv(setting[i][0])) continue;
        setenv(setting[i][0], setting[i][1], 1);
        missing++;
    }
    /* Where the program cannot be started again it goes on as it is, and the result file says so.
     */
    if (missing) execv("/proc/self/exe", argv);
}
