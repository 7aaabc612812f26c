#include "pages.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/personality.h>

double pages_huge(const void *at)
{
    char line[512];
    unsigned long begin, end, kib, resident = 0, huge = 0;
    int inside = 0;
    FILE *file = fopen("/proc/self/smaps", "re");
    if (!file) return NAN;
    while (fgets(line, sizeof line, file)) {
        char after;
        if (sscanf(line, "%lx-%lx%c", &begin, &end, &after) == 3 && after == ' ') {
            if (inside) break;
            inside = begin <= (uintptr_t)at && (uintptr_t)at < end;
        }
        if (!inside) continue;
        if (sscanf(line, "Rss: %lu kB", &kib) == 1) resident = kib;
        if (sscanf(line, "AnonHugePages: %lu kB", &kib) == 1) huge = kib;
    }
    fclose(file);
    return resident ? (double)huge / (double)resident : NAN;
}

const char *pages_aslr(void)
{
    int way = -1;
    FILE *file = fopen("/proc/sys/kernel/randomize_va_space", "re");
    if (file && fscanf(file, "%d", &way) != 1) way = -1;
    if (file) fclose(file);
    const int mine = personality(0xffffffff);
    if (way == 0 || (mine != -1 && mine & ADDR_NO_RANDOMIZE)) return "off";
    return way == 2 ? "full" : way == 1 ? "partial" : "unknown";
}
