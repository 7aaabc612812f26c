/* What time is measured with, and whether the core keeps its speed. */
#define _GNU_SOURCE /* syscall */
#include <errno.h>
#include <linux/perf_event.h>
#include <math.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "measure/sample.h"
#include "symptoms.h"

static void find_source(struct symptoms *all)
{
    char line[SYSTEM_LINE];
    struct symptom *f = symptom_add(all, "clocksource",
                                    "only the TSC is read without a system call, in some 20 ns");
    if (!system_line(line, "/sys/devices/system/clocksource/clocksource0/current_clocksource") ||
        !*line)
        return;
    const bool tsc = strcmp(line, "tsc") == 0;
    /* Those of hypervisors are read from the TSC and a page that the host keeps. */
    const bool paged = strstr(line, "kvm-clock") || strstr(line, "hyperv");
    symptom_is(f, tsc ? HEALTH_GOOD : paged ? HEALTH_NOTE : HEALTH_BAD, "%.60s", line);
    if (!tsc) symptom_mend(f, "boot with clocksource=tsc tsc=reliable, if the TSC is");
}

static void find_clock(struct symptoms *all)
{
    const double NOTE_NS = 60.0, BAD_NS = 500.0, cost = sample_overhead_ns();
    struct symptom *f =
        symptom_add(all, "clock", "a sample must be long against its clock: 1000 times for 0.1 %");
    const double grain = sample_grain_ns(), worst = fmax(cost, grain);
    symptom_is(f,
               worst >= BAD_NS    ? HEALTH_BAD
               : worst >= NOTE_NS ? HEALTH_NOTE
                                  : HEALTH_GOOD,
               "%.0f ns to read, goes on by %.0f ns", cost, grain);
    if (f->health != HEALTH_GOOD) symptom_mend(f, "see clocksource");
}

/* Opens, reads and closes a counter of cycles; returns an errno, 0 where it counts. */
static int try_counter(void)
{
    struct perf_event_attr attr = {.type = PERF_TYPE_HARDWARE,
                                   .size = sizeof attr,
                                   .config = PERF_COUNT_HW_CPU_CYCLES,
                                   .exclude_kernel = 1,
                                   .exclude_hv = 1};
    const int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (fd < 0) return errno;
    unsigned long long count = 0;
    const ssize_t got = read(fd, &count, sizeof count);
    close(fd);
    return got == (ssize_t)sizeof count && count > 0 ? 0 : EOPNOTSUPP;
}

static void find_pmu(struct symptoms *all)
{
    double paranoid = NAN;
    struct symptom *f =
        symptom_add(all, "pmu", "without counters a time is all there is: no cycles, no misses");
    const int error = try_counter();
    system_number(&paranoid, "/proc/sys/kernel/perf_event_paranoid");
    if (!error)
        symptom_is(f, HEALTH_GOOD, "cycles are counted");
    else if (error == EACCES || error == EPERM) {
        symptom_is(f, HEALTH_NOTE, "not allowed (perf_event_paranoid %.0f)", paranoid);
        symptom_mend(f, "sysctl kernel.perf_event_paranoid=1; in docker also --cap-add PERFMON");
    } else {
        const bool none = error == ENOENT || error == ENODEV || error == EOPNOTSUPP;
        symptom_is(f, HEALTH_NOTE, "no counter of cycles%s%s", none ? "" : ": ",
                   none ? "" : strerror(error));
        symptom_mend(f, "valgrind --tool=callgrind counts instructions without a PMU");
    }
}

static void find_frequency(struct symptoms *all, const struct watch *w)
{
    const double NOTE = 0.01, BAD = 0.05;
    const struct steady *s = &w->steady;
    struct symptom *f =
        symptom_add(all, "speed", "a core that changes its speed gives the later run another time");
    if (!s->parts) return;
    const double worst = fmax(s->spread, fabs(s->drift));
    symptom_is(f,
               worst >= BAD    ? HEALTH_BAD
               : worst >= NOTE ? HEALTH_NOTE
                               : HEALTH_GOOD,
               "%.0f GFLOP/s, spread %.1f %%, drift %+.1f %%", s->gflops, 100.0 * s->spread,
               100.0 * s->drift);
    if (f->health != HEALTH_GOOD) symptom_mend(f, "see governor, boost, smt and steal");
}

void find_clocks(struct symptoms *all, const struct watch *w)
{
    find_source(all);
    find_clock(all);
    find_pmu(all);
    find_frequency(all, w);
}
