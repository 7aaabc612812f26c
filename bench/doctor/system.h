/* system: what Linux says of itself under /proc and /sys. HINGE_SYSROOT, for tests, is a folder that stands in
 * the place of /: a machine that is not here. */
#ifndef DOCTOR_SYSTEM_H
#define DOCTOR_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { SYSTEM_LINE = 4096, SYSTEM_CPUS = 1024 };

/* NULL where there is no such file. */
__attribute__((format(printf, 1, 2))) FILE *system_open(const char *path, ...);
/* The first line without its end; false where there is none. */
__attribute__((format(printf, 2, 3))) bool system_line(char line[SYSTEM_LINE], const char *path,
                                                       ...);
/* The number that the file starts with. */
__attribute__((format(printf, 2, 3))) bool system_number(double *value, const char *path, ...);
/* The number in the line "KEY VALUE" of a file, "KEY: VALUE" likewise. */
bool system_field(double *value, const char *path, const char *key);
/* The text there, blanks before it left out. */
bool system_field_text(char text[SYSTEM_LINE], const char *path, const char *key);

struct cpus {
    bool has[SYSTEM_CPUS];
    size_t count;
};
/* A list such as 0-3,8; false where it is none. CPUs beyond SYSTEM_CPUS are left out. */
bool cpus_parse(struct cpus *cpus, const char *list);
/* Those that this process may use; false where that cannot be read. */
bool cpus_allowed(struct cpus *cpus);
/* The list once more, cut where it does not fit. */
const char *cpus_text(const struct cpus *cpus, char *text, size_t size);

/* Of all CPUs since the start, in seconds; false where /proc/stat is missing or is not Linux's. */
struct cpu_time {
    double all, stolen;
};
bool system_cpu_time(struct cpu_time *t);

/* In a virtual machine, as /proc/cpuinfo has it. */
bool system_virtual(void);

#endif
