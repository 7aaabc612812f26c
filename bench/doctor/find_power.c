/* Clock speed and shared cores. */
#include <string.h>

#include "base/par.h"
#include "symptoms.h"

static const char CPU[] = "/sys/devices/system/cpu";

static void find_governor(struct symptoms *all, const struct cpus *ours)
{
    char line[SYSTEM_LINE], first[SYSTEM_LINE] = "";
    bool same = true, performance = true;
    struct symptom *f = symptom_add(
        all, "governor", "a governor that follows the load changes the clock within a run");
    for (size_t c = 0; c < SYSTEM_CPUS; c++) {
        if (!ours->has[c] || !system_line(line, "%s/cpu%zu/cpufreq/scaling_governor", CPU, c))
            continue;
        if (!*first) strcpy(first, line);
        same = same && strcmp(first, line) == 0;
        performance = performance && strcmp(line, "performance") == 0;
    }
    if (!*first) {
        if (system_virtual()) symptom_is(f, HEALTH_UNKNOWN, "unknown: the host sets it");
        return;
    }
    symptom_is(f, performance ? HEALTH_GOOD : HEALTH_BAD, "%.60s%s", first,
               same ? "" : ", and others on other CPUs");
    if (!performance) symptom_mend(f, "cpupower frequency-set -g performance");
}

static void find_boost(struct symptoms *all)
{
    double on;
    struct symptom *f = symptom_add(
        all, "boost", "a boosted clock depends on heat, on the cores that are busy, on the lane");
    const char *mend = "echo 0 > /sys/devices/system/cpu/cpufreq/boost";
    if (!system_number(&on, "%s/cpufreq/boost", CPU)) {
        mend = "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo";
        if (!system_number(&on, "%s/intel_pstate/no_turbo", CPU)) {
            if (system_virtual()) symptom_is(f, HEALTH_UNKNOWN, "unknown: the host sets it");
            return;
        }
        on = on == 0.0;
    }
    symptom_is(f, on != 0.0 ? HEALTH_NOTE : HEALTH_GOOD, on != 0.0 ? "on" : "off");
    if (on != 0.0) symptom_mend(f, "%s", mend);
}

struct siblings {
    size_t cores;    /* that our CPUs are on */
    bool shared;     /* two of our CPUs on one of them */
    bool with_other; /* a sibling is online and not ours */
    bool known;
};

/* A core is counted at the first of our CPUs on it. */
static struct siblings look_at_siblings(const struct cpus *ours)
{
    char line[SYSTEM_LINE];
    struct cpus core;
    struct siblings s = {.known = false};
    for (size_t c = 0; c < SYSTEM_CPUS; c++) {
        if (!ours->has[c]) continue;
        if (!system_line(line, "%s/cpu%zu/topology/thread_siblings_list", CPU, c) ||
            !cpus_parse(&core, line))
            return (struct siblings){.known = false};
        s.known = true;
        bool first = true;
        for (size_t o = 0; o < SYSTEM_CPUS; o++) {
            if (!core.has[o] || o == c) continue;
            first = first && !(ours->has[o] && o < c);
            s.shared = s.shared || ours->has[o];
            s.with_other = s.with_other || !ours->has[o];
        }
        s.cores += first;
    }
    return s;
}

double cores_of_ours(void)
{
    struct cpus ours;
    return cpus_allowed(&ours) ? (double)look_at_siblings(&ours).cores : 0.0;
}

static void find_smt(struct symptoms *all, const struct cpus *ours)
{
    struct symptom *f =
        symptom_add(all, "smt", "two hardware threads of a core share its units and caches");
    const struct siblings s = look_at_siblings(ours);
    const size_t threads = (size_t)par_max_threads();
    if (!s.known) return;
    if (s.shared && threads > s.cores) {
        symptom_is(f, HEALTH_BAD, "%zu threads on %zu core%s: siblings compete", threads, s.cores,
                   s.cores == 1 ? "" : "s");
        symptom_mend(f, "OMP_NUM_THREADS=%zu", s.cores);
    } else if (s.shared || s.with_other) {
        symptom_is(f, HEALTH_NOTE, "siblings of our %zu cores are online%s", s.cores,
                   s.with_other ? ", and open to others alone" : "");
        symptom_mend(f, "echo off > /sys/devices/system/cpu/smt/control");
    } else if (system_virtual())
        symptom_is(f, HEALTH_UNKNOWN, "no siblings in the guest; the host hides its own");
    else
        symptom_is(f, HEALTH_GOOD, "each of our %zu cores has one thread", s.cores);
}

void find_power(struct symptoms *all)
{
    struct cpus ours = {.count = 0};
    cpus_allowed(&ours);
    find_governor(all, &ours);
    find_boost(all);
    find_smt(all, &ours);
}
