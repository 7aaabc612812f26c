#define _GNU_SOURCE
#include "machine.h"

#include <cpuid.h>
#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <hwloc.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <xmmintrin.h>
#include <zlib.h>

#include "base/par.h"
#include "commit.h"
#include "gb.h"
#include "pages.h"

extern char **environ;

/* The first line of `from`. */
static void copy(char to[MACHINE_TEXT], const char *from)
{
    const int length = (int)strcspn(from, "\n");
    snprintf(to, MACHINE_TEXT, "%.*s", length < MACHINE_TEXT ? length : MACHINE_TEXT - 1, from);
    if (!*to) strcpy(to, "unknown");
}

/* False, and "unknown", where there is no such file. */
static bool read_line(char to[MACHINE_TEXT], const char *path)
{
    char line[MACHINE_TEXT] = "";
    FILE *file = fopen(path, "r");
    const bool found = file && fgets(line, sizeof line, file);
    if (file) fclose(file);
    copy(to, found ? line : "unknown");
    return found;
}

/* The name behind the signature that hypervisors leave in CPUID. */
static void read_hypervisor(char to[MACHINE_TEXT])
{
    static const char *const known[][2] = {
        {"KVMKVMKVM", "KVM"},     {"Microsoft Hv", "Hyper-V"}, {"VMwareVMware", "VMware"},
        {"XenVMMXenVMM", "Xen"},  {"TCGTCGTCGTCG", "QEMU"},    {"VBoxVBoxVBox", "VirtualBox"},
        {"bhyve bhyve ", "bhyve"}};
    unsigned a, b, c, d;
    char sign[13] = "";
    __cpuid(1, a, b, c, d);
    copy(to, "none seen");
    if (!(c >> 31)) return;
    __cpuid(0x40000000, a, b, c, d);
    memcpy(sign, &b, 4);
    memcpy(sign + 4, &c, 4);
    memcpy(sign + 8, &d, 4);
    for (char *s = sign; *s; s++)
        if (*s < ' ' || *s > '~') *s = '?';
    copy(to, *sign ? sign : "a hypervisor without a name");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(sign, known[i][0]) == 0) copy(to, known[i][1]);
}

static void read_container(char to[MACHINE_TEXT])
{
    const char *named = getenv("container"); /* set by systemd-nspawn, podman, lxc */
    copy(to, "none seen");
    if (access("/.dockerenv", F_OK) == 0) copy(to, "docker");
    if (access("/run/.containerenv", F_OK) == 0) copy(to, "podman");
    if (named && *named) copy(to, named);
}

static void read_cpuinfo(struct machine *m)
{
    char line[4096], part[3][16] = {"?", "?", "?"};
    const struct {
        const char *key;
        char *to;
        int size;
    } field[] = {{"model name", m->cpu, MACHINE_TEXT},
                 {"microcode", m->microcode, MACHINE_TEXT},
                 {"cpu family", part[0], sizeof *part},
                 {"model", part[1], sizeof *part},
                 {"stepping", part[2], sizeof *part}};
    copy(m->cpu, "unknown");
    copy(m->microcode, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file) && *line != '\n') {
        const char *value = strstr(line, ": ");
        if (!value) continue;
        line[strcspn(line, "\t:")] = '\0';
        value += 2;
        for (size_t i = 0; i < sizeof field / sizeof *field; i++)
            if (strcmp(line, field[i].key) == 0)
                snprintf(field[i].to, (size_t)field[i].size, "%.*s", (int)strcspn(value, "\n"),
                         value);
        if (strcmp(line, "cpu MHz") == 0) m->mhz = atof(value);
    }
    if (file) fclose(file);
    snprintf(m->cpu_model, sizeof m->cpu_model, "family %s model %s stepping %s", part[0], part[1],
             part[2]);
}

static void add_cache(struct machine *m, hwloc_obj_t obj)
{
    if (!obj || m->caches == MACHINE_CACHES) return;
    const struct hwloc_cache_attr_s *c = &obj->attr->cache;
    m->cache[m->caches++] = (struct cache){
        .type = c->type == HWLOC_OBJ_CACHE_DATA          ? "Data"
                : c->type == HWLOC_OBJ_CACHE_INSTRUCTION ? "Instruction"
                                                         : "Unified",
        .level = (int)c->depth,
        .bytes = (double)c->size,
        .sharing = hwloc_bitmap_weight(obj->cpuset),
    };
}

/* Cores, and the caches of the first one. */
static void read_topology(struct machine *m)
{
    static const hwloc_obj_type_t caches[] = {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L1ICACHE,
                                              HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE,
                                              HWLOC_OBJ_L4CACHE, HWLOC_OBJ_L5CACHE};
    hwloc_topology_t topology;
    m->cores = m->packages = m->numa_nodes = UNKNOWN;
    if (hwloc_topology_init(&topology)) return;
    hwloc_topology_set_icache_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_ALL);
    if (hwloc_topology_load(topology) == 0) {
        m->cores = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE);
        m->packages = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PACKAGE);
        m->numa_nodes = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_NUMANODE);
        for (size_t i = 0; i < sizeof caches / sizeof *caches; i++)
            add_cache(m, hwloc_get_obj_by_type(topology, caches[i], 0));
    }
    hwloc_topology_destroy(topology);
}

static void read_system(struct machine *m)
{
    struct utsname name;
    if (gethostname(m->host, sizeof m->host - 1)) copy(m->host, "unknown");
    copy(m->kernel, "unknown");
    if (uname(&name) == 0)
        snprintf(m->kernel, sizeof m->kernel, "%s %.60s %.60s", name.sysname, name.release,
                 name.version);
    m->cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
    m->memory_bytes = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    m->memory_free_bytes = (double)sysconf(_SC_AVPHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    if (getloadavg(&m->load, 1) != 1) m->load = UNKNOWN;
    read_line(m->governor, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    read_line(m->smt, "/sys/devices/system/cpu/smt/control");
    read_line(m->thp, "/sys/kernel/mm/transparent_hugepage/enabled");
    copy(m->aslr, pages_aslr());
    m->page_bytes = (double)sysconf(_SC_PAGESIZE);
    read_line(m->cpu_quota, "/sys/fs/cgroup/cpu.max");
    if (read_line(m->boost, "/sys/devices/system/cpu/cpufreq/boost"))
        copy(m->boost, *m->boost == '1' ? "on" : "off");
    else if (read_line(m->boost, "/sys/devices/system/cpu/intel_pstate/no_turbo"))
        copy(m->boost, *m->boost == '0' ? "on" : "off");
}

/* Words parted by NUL, joined by blanks. */
static void read_command(char *to, size_t size)
{
    FILE *file = fopen("/proc/self/cmdline", "r");
    const size_t got = file ? fread(to, 1, size - 1, file) : 0;
    if (file) fclose(file);
    for (size_t i = 0; i + 1 < got; i++)
        if (!to[i]) to[i] = ' ';
    to[got] = '\0';
    if (!got) strcpy(to, "unknown");
}

static void read_openmp(struct machine *m)
{
    size_t used = 0;
    Dl_info found;
    for (char **e = environ; *e; e++) {
        const size_t more = strlen(*e) + 1;
        if (strncmp(*e, "OMP_", 4) != 0 && strncmp(*e, "GOMP_", 5) != 0 &&
            strncmp(*e, "KMP_", 4) != 0)
            continue;
        if (used + more >= sizeof m->openmp) break;
        used += (size_t)sprintf(m->openmp + used, "%s%s", used ? " " : "", *e);
    }
    /* The library that answers, GNU's or LLVM's. */
    void *symbol = dlsym(RTLD_DEFAULT, "omp_in_parallel");
    copy(m->openmp_runtime, "unknown");
    if (symbol && dladdr(symbol, &found) && found.dli_fname) {
        const char *slash = strrchr(found.dli_fname, '/');
        copy(m->openmp_runtime, slash ? slash + 1 : found.dli_fname);
    }
}

const char *machine_compiler(void)
{
#ifdef __clang__
    return "clang " __clang_version__;
#else
    return "gcc " __VERSION__;
#endif
}

static void read_build(struct machine *m)
{
    const unsigned hwloc = hwloc_get_api_version(), csr = _mm_getcsr();
    char version[32];
    copy(m->compiler, machine_compiler());
    m->flags = HINGE_FLAGS;
    m->lane_flags = HINGE_LANE_FLAGS;
    copy(m->commit, HINGE_COMMIT);
    char *dirty = strstr(m->commit, "+dirty");
    m->dirty = dirty != NULL;
    if (dirty) *dirty = '\0';
    snprintf(version, sizeof version, "%u.%u.%u", hwloc >> 16, hwloc >> 8 & 255u, hwloc & 255u);
    const struct {
        const char *name, *version;
    } library[MACHINE_LIBRARIES] = {{"benchmark", gb_version()},
                                    {"jansson", JANSSON_VERSION},
                                    {"hwloc", version},
                                    {"zlib", zlibVersion()},
                                    {"glibc", gnu_get_libc_version()}};
    for (; library[m->libraries].name; m->libraries++) {
        struct library *l = &m->library[m->libraries];
        l->name = library[m->libraries].name;
        snprintf(l->version, sizeof l->version, "%s", library[m->libraries].version);
    }
    m->ftz = csr >> 15 & 1u;
    m->daz = csr >> 6 & 1u;
}

void machine_read(struct machine *m)
{
    struct tm utc;
    const time_t now = time(NULL);
    *m = (struct machine){.mhz = UNKNOWN};
    strftime(m->date, sizeof m->date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    read_cpuinfo(m);
    read_hypervisor(m->virtualization);
    read_container(m->container);
    read_topology(m);
    read_system(m);
    read_command(m->command, sizeof m->command);
    read_openmp(m);
    read_build(m);
}

/* Where the program cannot be started again it goes on as it is, and a result file says so. */
static void settle(char **argv, const char *const setting[][2], size_t count)
{
    int missing = 0;
    for (size_t i = 0; i < count; i++) {
        if (getenv(setting[i][0])) continue;
        setenv(setting[i][0], setting[i][1], 1);
        missing++;
    }
    if (!missing) return;
    /* With OMP_PROC_BIND set and another missing, this thread is bound to one CPU already. */
    par_unbind();
    execv("/proc/self/exe", argv);
}

void machine_settle_openmp(char **argv)
{
    static const char *const setting[][2] = {{"OMP_PROC_BIND", "close"},
                                             {"OMP_PLACES", "cores"},
                                             {"OMP_WAIT_POLICY", "active"},
                                             {"OMP_DYNAMIC", "false"}};
    settle(argv, setting, sizeof setting / sizeof *setting);
}

void machine_wait_passively(char **argv)
{
    static const char *const setting[][2] = {{"OMP_WAIT_POLICY", "passive"}};
    settle(argv, setting, 1);
}
