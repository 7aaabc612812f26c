/* Linux's own settings. */
#include <string.h>

#include "symptoms.h"

/* "[madvise]" of "always [madvise] never". */
static bool chosen(const char *line, char word[32])
{
    const char *open = strchr(line, '['), *close = open ? strchr(open, ']') : NULL;
    if (!close || close - open > 31) return false;
    snprintf(word, 32, "%.*s", (int)(close - open - 1), open + 1);
    return true;
}

static void find_thp(struct symptoms *all)
{
    char line[SYSTEM_LINE], word[32];
    struct symptom *f =
        symptom_add(all, "thp", "with always, which memory lies in huge pages is chance");
    if (!system_line(line, "/sys/kernel/mm/transparent_hugepage/enabled") || !chosen(line, word))
        return;
    const bool always = strcmp(word, "always") == 0, never = strcmp(word, "never") == 0;
    symptom_is(f, always || never ? HEALTH_NOTE : HEALTH_GOOD, "%s%s", word,
               never ? ": large operands miss the TLB" : "");
    if (always || never)
        symptom_mend(f, "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled");
}

static void find_aslr(struct symptoms *all)
{
    double level;
    struct symptom *f = symptom_add(
        all, "aslr", "each process draws its own placement: several processes, or the same draw");
    if (!system_number(&level, "/proc/sys/kernel/randomize_va_space")) return;
    symptom_is(f, level > 0.0 ? HEALTH_NOTE : HEALTH_GOOD, level > 0.0 ? "on (%.0f)" : "off",
               level);
    if (level > 0.0) symptom_mend(f, "for a single process: setarch -R hinge ...");
}

static void find_numa(struct symptoms *all)
{
    char line[SYSTEM_LINE];
    double on;
    struct cpus nodes;
    struct symptom *f =
        symptom_add(all, "numa_balancing", "it unmaps pages to see who uses them, and moves them");
    if (system_line(line, "/sys/devices/system/node/online") && cpus_parse(&nodes, line) &&
        nodes.count == 1) {
        symptom_is(f, HEALTH_GOOD, "one node");
        return;
    }
    if (!system_number(&on, "/proc/sys/kernel/numa_balancing")) return;
    symptom_is(f, on != 0.0 ? HEALTH_BAD : HEALTH_GOOD, on != 0.0 ? "on" : "off");
    if (on != 0.0) symptom_mend(f, "sysctl kernel.numa_balancing=0");
}

static void find_swap(struct symptoms *all, const struct watch *w)
{
    double total, left;
    const double in = w->to.swapped_in - w->from.swapped_in;
    struct symptom *f =
        symptom_add(all, "swap", "a page that is swapped in costs as much as a row");
    if (!system_field(&total, "/proc/meminfo", "SwapTotal") ||
        !system_field(&left, "/proc/meminfo", "SwapFree"))
        return;
    if (w->probed && w->from.swapped_in >= 0.0 && in > 0.0) {
        symptom_is(f, HEALTH_BAD, "%.0f pages swapped in during the probe", in);
        symptom_mend(f, "swapoff -a, or more memory");
        return;
    }
    const double used = (total - left) / 1024.0;
    if (total == 0.0)
        symptom_is(f, HEALTH_GOOD, "none");
    else
        symptom_is(f, used >= 1.0 ? HEALTH_NOTE : HEALTH_GOOD, "%.0f of %.0f MiB used", used,
                   total / 1024.0);
    if (used >= 1.0) symptom_mend(f, "swapoff -a");
}

static void find_isolation(struct symptoms *all)
{
    char line[SYSTEM_LINE], text[64];
    struct cpus ours, isolated, quiet = {.count = 0};
    struct symptom *f = symptom_add(
        all, "isolation", "on a CPU that is not isolated other tasks and ticks interrupt");
    if (!system_line(line, "/sys/devices/system/cpu/isolated")) return;
    if (!cpus_parse(&isolated, line) || !cpus_allowed(&ours)) return;
    if (system_line(line, "/sys/devices/system/cpu/nohz_full")) cpus_parse(&quiet, line);
    size_t on = 0, without_tick = 0;
    for (size_t c = 0; c < SYSTEM_CPUS; c++) {
        on += ours.has[c] && isolated.has[c];
        without_tick += ours.has[c] && quiet.has[c];
    }
    cpus_text(&isolated, text, sizeof text);
    if (on == ours.count) {
        symptom_is(f, HEALTH_GOOD, "our CPUs are isolated, %zu of %zu without ticks", without_tick,
                   ours.count);
        return;
    }
    symptom_is(f, HEALTH_NOTE, isolated.count ? "CPUs %s are isolated, ours are not all" : "none",
               text);
    if (isolated.count) {
        symptom_mend(f, "taskset -c %s hinge ...", text);
        return;
    }
    /* All but CPU 0, which serves interrupts. */
    ours.count -= ours.has[0];
    ours.has[0] = false;
    if (ours.count == 0) return;
    cpus_text(&ours, text, sizeof text);
    symptom_mend(f, "boot with isolcpus=%s nohz_full=%s, then taskset -c %s hinge ...", text, text,
                 text);
}

static void find_mitigations(struct symptoms *all)
{
    static const char *const file[] = {"gather_data_sampling",
                                       "itlb_multihit",
                                       "l1tf",
                                       "mds",
                                       "meltdown",
                                       "mmio_stale_data",
                                       "reg_file_data_sampling",
                                       "retbleed",
                                       "indirect_target_selection",
                                       "vmscape",
                                       "spec_rstack_overflow",
                                       "spec_store_bypass",
                                       "spectre_v1",
                                       "spectre_v2",
                                       "srbds",
                                       "tsa",
                                       "tsx_async_abort"};
    char line[SYSTEM_LINE], microcode[SYSTEM_LINE] = "unknown";
    size_t read = 0, active = 0;
    struct symptom *f = symptom_add(
        all, "mitigations", "they cost at each system call and switch; another set, other times");
    for (size_t i = 0; i < sizeof file / sizeof *file; i++) {
        if (!system_line(line, "/sys/devices/system/cpu/vulnerabilities/%s", file[i])) continue;
        read++;
        active += strncmp(line, "Mitigation", 10) == 0;
    }
    system_field_text(microcode, "/proc/cpuinfo", "microcode");
    if (!read) return;
    symptom_is(f, active ? HEALTH_NOTE : HEALTH_GOOD, "%zu of %zu active; microcode %.40s", active,
               read, microcode);
    if (active) symptom_mend(f, "compare runs of one kernel and one microcode");
}

static void find_virtual(struct symptoms *all)
{
    char flags[SYSTEM_LINE];
    struct symptom *f = symptom_add(all, "virtualization",
                                    "the host decides what runs beside us, and need not say");
    if (!system_field_text(flags, "/proc/cpuinfo", "flags")) return;
    const bool guest = system_virtual();
    symptom_is(f, guest ? HEALTH_NOTE : HEALTH_GOOD, guest ? "a virtual machine" : "none seen");
    if (guest) symptom_mend(f, "a machine, or CPUs, of one's own");
}

void find_kernel(struct symptoms *all, const struct watch *w)
{
    find_virtual(all);
    find_thp(all);
    find_aslr(all);
    find_numa(all);
    find_swap(all, w);
    find_isolation(all);
    find_mitigations(all);
}
