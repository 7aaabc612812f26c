#include "system.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE *open_under_root(const char *path, va_list args)
{
    char full[SYSTEM_LINE];
    const char *root = getenv("HINGE_SYSROOT");
    const int at = snprintf(full, sizeof full, "%s", root ? root : "");
    if (at < 0 || (size_t)at >= sizeof full) return NULL;
    const int more = vsnprintf(full + at, sizeof full - (size_t)at, path, args);
    if (more < 0 || (size_t)at + (size_t)more >= sizeof full) return NULL;
    return fopen(full, "re");
}

FILE *system_open(const char *path, ...)
{
    va_list args;
    va_start(args, path);
    FILE *file = open_under_root(path, args);
    va_end(args);
    return file;
}

/* Closes it. */
static bool first_line(FILE *file, char line[SYSTEM_LINE])
{
    const bool found = file && fgets(line, SYSTEM_LINE, file);
    if (file) fclose(file);
    if (!found) return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

bool system_line(char line[SYSTEM_LINE], const char *path, ...)
{
    va_list args;
    va_start(args, path);
    FILE *file = open_under_root(path, args);
    va_end(args);
    return first_line(file, line);
}

static bool number(const char *text, double *value)
{
    char *end;
    const double x = strtod(text, &end);
    if (end == text) return false;
    *value = x;
    return true;
}

bool system_number(double *value, const char *path, ...)
{
    char line[SYSTEM_LINE];
    va_list args;
    va_start(args, path);
    FILE *file = open_under_root(path, args);
    va_end(args);
    return first_line(file, line) && number(line, value);
}

bool system_field_text(char text[SYSTEM_LINE], const char *path, const char *key)
{
    char line[SYSTEM_LINE];
    const size_t length = strlen(key);
    bool found = false;
    FILE *file = system_open("%s", path);
    while (file && !found && fgets(line, sizeof line, file)) {
        const char *after = line + length;
        if (strncmp(line, key, length) != 0 || !strchr(": \t", *after)) continue;
        after += strspn(after, ": \t");
        snprintf(text, SYSTEM_LINE, "%.*s", (int)strcspn(after, "\n"), after);
        found = true;
    }
    if (file) fclose(file);
    return found;
}

bool system_field(double *value, const char *path, const char *key)
{
    char text[SYSTEM_LINE];
    return system_field_text(text, path, key) && number(text, value);
}

bool cpus_parse(struct cpus *cpus, const char *list)
{
    *cpus = (struct cpus){.count = 0};
    while (*list) {
        char *end;
        const unsigned long from = strtoul(list, &end, 10);
        if (end == list) return false;
        unsigned long to = from;
        if (*end == '-') {
            list = end + 1;
            to = strtoul(list, &end, 10);
            if (end == list || to < from) return false;
        }
        for (unsigned long c = from; c <= to && c < SYSTEM_CPUS; c++) {
            cpus->count += !cpus->has[c];
            cpus->has[c] = true;
        }
        if (*end && *end != ',') return false;
        list = *end ? end + 1 : end;
    }
    return true;
}

bool cpus_allowed(struct cpus *cpus)
{
    char list[SYSTEM_LINE];
    return system_field_text(list, "/proc/self/status", "Cpus_allowed_list") &&
           cpus_parse(cpus, list) && cpus->count > 0;
}

const char *cpus_text(const struct cpus *cpus, char *text, size_t size)
{
    size_t used = 0;
    *text = '\0';
    for (size_t c = 0; c < SYSTEM_CPUS && used < size; c++) {
        if (!cpus->has[c]) continue;
        size_t last = c;
        while (last + 1 < SYSTEM_CPUS && cpus->has[last + 1]) last++;
        used += (size_t)snprintf(text + used, size - used, "%s%zu", used ? "," : "", c);
        if (last > c && used < size)
            used += (size_t)snprintf(text + used, size - used, "-%zu", last);
        c = last;
    }
    return text;
}

bool system_cpu_time(struct cpu_time *t)
{
    /* user nice system idle iowait irq softirq steal; guests' time is in user already */
    enum { FIELDS = 8, STEAL = 7 };
    char line[SYSTEM_LINE];
    if (!system_line(line, "/proc/stat") || strncmp(line, "cpu ", 4) != 0) return false;
    const double second = (double)sysconf(_SC_CLK_TCK);
    char *at = line + 4;
    *t = (struct cpu_time){0};
    for (int i = 0; i < FIELDS; i++) {
        char *end;
        const double ticks = strtod(at, &end);
        if (end == at) return false;
        t->all += ticks / second;
        if (i == STEAL) t->stolen = ticks / second;
        at = end;
    }
    return true;
}

bool system_virtual(void)
{
    char flags[SYSTEM_LINE];
    if (!system_field_text(flags, "/proc/cpuinfo", "flags")) return false;
    return strstr(flags, " hypervisor") != NULL;
}
