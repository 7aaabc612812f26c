/* What others take: the hypervisor, and the tasks beside us. */
#include <math.h>
#include <unistd.h>

#include "symptoms.h"

static const double NOTE_SHARE = 0.001, BAD_SHARE = 0.01;

static enum health of_share(double share)
{
    return share >= BAD_SHARE ? HEALTH_BAD : share >= NOTE_SHARE ? HEALTH_NOTE : HEALTH_GOOD;
}

void moment_read(struct moment *m)
{
    *m = (struct moment){.throttled = cgroup_throttled(), .swapped_in = -1.0};
    m->cpu_known = system_cpu_time(&m->cpu);
    system_field(&m->swapped_in, "/proc/vmstat", "pswpin");
}

static void find_steal(struct symptoms *all, const struct watch *w)
{
    struct symptom *f =
        symptom_add(all, "steal", "the hypervisor ran another guest on our CPU, mid-sample");
    if (!w->to.cpu_known || !(w->to.cpu.all > 0.0)) return;
    const double ever = w->to.cpu.stolen / w->to.cpu.all;
    const double time = w->to.cpu.all - w->from.cpu.all;
    const bool during = w->probed && w->from.cpu_known && time > 0.0;
    const double share = during ? (w->to.cpu.stolen - w->from.cpu.stolen) / time : ever;
    const bool silent = ever == 0.0 && system_virtual();
    if (silent)
        symptom_is(f, HEALTH_UNKNOWN, "none ever: this host may not report it");
    else if (during)
        symptom_is(f, of_share(share), "%.2f %% in the probe, %.2f %% since boot", 100.0 * share,
                   100.0 * ever);
    else
        symptom_is(f, of_share(share), "%.2f %% since boot", 100.0 * share);
    if (f->health == HEALTH_NOTE || f->health == HEALTH_BAD)
        symptom_mend(f, "another hour, or a guest with CPUs of its own");
}

/* Without a probe: of this process since its start. */
static void find_queue(struct symptoms *all, const struct watch *w)
{
    struct symptom *f = symptom_add(all, "run_queue", "ready to run, but another task had our CPU");
    double ran = w->ran_ns, waited = w->waited_ns;
    if (!w->probed) {
        char line[SYSTEM_LINE];
        if (!system_line(line, "/proc/self/schedstat")) return;
        if (sscanf(line, "%lf %lf", &ran, &waited) != 2) return;
    }
    if (!(ran + waited > 0.0)) return;
    const double share = waited / (ran + waited);
    symptom_is(f, of_share(share), "waited for %.2f %% of the time", 100.0 * share);
    if (f->health != HEALTH_GOOD)
        symptom_mend(f, "end the other tasks, or taskset -c to free CPUs");
}

static void find_switches(struct symptoms *all, const struct watch *w)
{
    const double NOTE_RATE = 1.0,
                 BAD_RATE = 100.0; /* a second: of 10 ms samples 1 % and all are hit */
    struct symptom *f =
        symptom_add(all, "switches", "after each involuntary switch the caches are another's");
    if (!w->probed || !(w->seconds > 0.0)) return;
    const double rate = w->switches / w->seconds;
    symptom_is(f,
               rate >= BAD_RATE    ? HEALTH_BAD
               : rate >= NOTE_RATE ? HEALTH_NOTE
                                   : HEALTH_GOOD,
               "%.1f a second, involuntary", rate);
    if (rate >= NOTE_RATE) symptom_mend(f, "end the other tasks, or taskset -c to free CPUs");
}

void find_load(struct symptoms *all)
{
    char line[SYSTEM_LINE];
    double load;
    unsigned long running;
    struct cpus ours;
    struct symptom *f =
        symptom_add(all, "load", "other tasks take CPUs, shared caches and memory bandwidth");
    if (!system_line(line, "/proc/loadavg")) return;
    if (sscanf(line, "%lf %*f %*f %lu", &load, &running) != 2) return;
    const double cpus = cpus_allowed(&ours) ? (double)ours.count : 1.0;
    const unsigned long others = running ? running - 1 : 0; /* one is this */
    const bool bad = load >= 0.5 * cpus || (double)others >= cpus;
    symptom_is(f,
               bad                            ? HEALTH_BAD
               : others || load >= 0.1 * cpus ? HEALTH_NOTE
                                              : HEALTH_GOOD,
               "%.2f in the last minute, %lu other task%s running", load, others,
               others == 1 ? "" : "s");
    if (f->health != HEALTH_GOOD) symptom_mend(f, "end what `top` shows, then wait a minute");
}

void find_others(struct symptoms *all, const struct watch *w)
{
    find_steal(all, w);
    find_queue(all, w);
    find_switches(all, w);
}
