/* The CPU quota of the control group that we are in, of version 1 or 2, and its cpuset. */
#include <math.h>
#include <string.h>

#include "base/par.h"
#include "symptoms.h"

struct cgroup {
    bool v2;
    const char *mount;
    char path[SYSTEM_LINE]; /* "" at the root of what is mounted */
};

/* "4:cpu,cpuacct:/a/b": is cpu among the controllers? */
static bool has_cpu(const char *controllers, size_t length)
{
    while (length) {
        const char *comma = memchr(controllers, ',', length);
        const size_t word = comma ? (size_t)(comma - controllers) : length;
        if (word == 3 && strncmp(controllers, "cpu", 3) == 0) return true;
        controllers += word + (comma != NULL);
        length -= word + (comma != NULL);
    }
    return false;
}

/* A path that leads out of what is mounted in this container counts as its root. */
static void set_path(struct cgroup *g, const char *path)
{
    snprintf(g->path, sizeof g->path, "%s", strstr(path, "..") ? "" : path);
    size_t length = strlen(g->path);
    while (length && strchr("\n/", g->path[length - 1])) g->path[--length] = '\0';
}

/* Version 1 where the cpu controller is there, version 2 otherwise. */
static bool find_ours(struct cgroup *g)
{
    char line[SYSTEM_LINE];
    double unused;
    bool found = false, v1 = false;
    FILE *file = system_open("/proc/self/cgroup");
    while (file && !v1 && fgets(line, sizeof line, file)) {
        const char *controllers = strchr(line, ':'), *path = NULL;
        if (controllers) path = strchr(++controllers, ':');
        if (!path) continue;
        v1 = has_cpu(controllers, (size_t)(path - controllers));
        if (!v1 && path != controllers) continue;
        found = true;
        set_path(g, path + 1);
    }
    if (file) fclose(file);
    g->v2 = !v1;
    g->mount = v1 ? "/sys/fs/cgroup/cpu" : "/sys/fs/cgroup";
    if (v1 && !system_number(&unused, "%s/cpu.cfs_period_us", g->mount))
        g->mount = "/sys/fs/cgroup/cpu,cpuacct";
    return found;
}

/* CPUs of that group alone, Inf where it has no quota. */
static double quota_at(const struct cgroup *g)
{
    char line[SYSTEM_LINE];
    double quota, period;
    if (g->v2) {
        if (!system_line(line, "%s%s/cpu.max", g->mount, g->path)) return INFINITY;
        if (sscanf(line, "%lf %lf", &quota, &period) != 2) return INFINITY;
    } else if (!system_number(&quota, "%s%s/cpu.cfs_quota_us", g->mount, g->path) ||
               !system_number(&period, "%s%s/cpu.cfs_period_us", g->mount, g->path))
        return INFINITY;
    return quota > 0.0 && period > 0.0 ? quota / period : INFINITY;
}

/* Up one group; false at the root. */
static bool to_parent(struct cgroup *g)
{
    char *slash = strrchr(g->path, '/');
    if (slash) *slash = '\0';
    return slash != NULL;
}

/* The least of the group's own and of all above it that can be seen. */
double cgroup_quota(void)
{
    struct cgroup g;
    double cpus = INFINITY;
    if (!find_ours(&g)) return -1.0;
    do cpus = fmin(cpus, quota_at(&g));
    while (to_parent(&g));
    return cpus;
}

double cgroup_throttled(void)
{
    struct cgroup g;
    double count;
    char path[2 * SYSTEM_LINE];
    if (!find_ours(&g)) return -1.0;
    do {
        snprintf(path, sizeof path, "%s%s/cpu.stat", g.mount, g.path);
        if (system_field(&count, path, "nr_throttled")) return count;
    } while (to_parent(&g));
    return -1.0;
}

static void find_quota(struct symptoms *all)
{
    const double cpus = cgroup_quota();
    struct symptom *f = symptom_add(
        all, "quota", "who has used its CPU quota up stands still until the next period");
    if (cpus < 0.0) return;
    const int threads = par_max_threads();
    if (isinf(cpus)) {
        symptom_is(f, HEALTH_GOOD, "none that can be seen from here");
        return;
    }
    if (cpus >= threads) {
        symptom_is(f, HEALTH_NOTE, "%.4g CPUs, for %d thread%s", cpus, threads,
                   threads > 1 ? "s" : "");
        return;
    }
    symptom_is(f, HEALTH_BAD, "%.4g CPUs for %d thread%s", cpus, threads, threads > 1 ? "s" : "");
    if (cpus >= 1.0)
        symptom_mend(f, "OMP_NUM_THREADS=%.0f, or a container without --cpus", floor(cpus));
    else
        symptom_mend(f, "a container with at least one CPU: docker run --cpus 2");
}

static void find_throttled(struct symptoms *all, const struct watch *w)
{
    struct symptom *f =
        symptom_add(all, "throttled", "a throttled period is up to 0.1 s in which nothing ran");
    const double during = w->to.throttled - w->from.throttled;
    if (w->to.throttled < 0.0) return;
    if (w->probed && w->from.throttled >= 0.0) {
        symptom_is(f, during > 0.0 ? HEALTH_BAD : HEALTH_GOOD, "%.0f times in the probe", during);
        if (during > 0.0) symptom_mend(f, "fewer threads or a larger quota: see quota");
        return;
    }
    symptom_is(f, w->to.throttled > 0.0 ? HEALTH_NOTE : HEALTH_GOOD, "%.0f times so far",
               w->to.throttled);
    if (w->to.throttled > 0.0) symptom_mend(f, "fewer threads or a larger quota: see quota");
}

static void find_cpuset(struct symptoms *all)
{
    char line[SYSTEM_LINE], text[64];
    struct cpus ours, online;
    struct symptom *f =
        symptom_add(all, "cpuset", "threads beyond the CPUs that we may use take turns on them");
    if (!cpus_allowed(&ours)) return;
    if (!system_line(line, "/sys/devices/system/cpu/online") || !cpus_parse(&online, line))
        online = ours;
    const size_t threads = (size_t)par_max_threads();
    symptom_is(f, threads > ours.count ? HEALTH_BAD : HEALTH_GOOD,
               "%zu of %zu CPUs (%s) for %zu threads", ours.count, online.count,
               cpus_text(&ours, text, sizeof text), threads);
    if (threads > ours.count) symptom_mend(f, "OMP_NUM_THREADS=%zu", ours.count);
}

void find_cgroup(struct symptoms *all, const struct watch *w)
{
    find_quota(all);
    find_throttled(all, w);
    find_cpuset(all);
}
