/* A process of a pair. It is asked for a sample by the number of its kind and answers in nanoseconds of a call;
 * "end" is answered by its counts. The end of the input ends it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "probe.h"

enum { REQUEST = 64 };

static void print_end(const struct probe_work *work)
{
    struct rusage usage;
    double ran = 0.0, waited = 0.0;
    FILE *file = fopen("/proc/self/schedstat", "re");
    if (!file || fscanf(file, "%lf %lf", &ran, &waited) != 2) ran = waited = 0.0;
    if (file) fclose(file);
    getrusage(RUSAGE_SELF, &usage);
    printf("%.17g %.17g %ld", ran, waited, usage.ru_nivcsw);
    for (int k = 0; k < probe_kinds(); k++) {
        const struct probe_counts c = probe_work_counts(work, (enum probe_kind)k);
        printf(" %.0f %.0f %.0f", c.kept, c.retaken, c.disturbed);
    }
    putchar('\n');
}

enum status probe_worker(size_t floats)
{
    char request[REQUEST];
    struct probe_work *work = probe_work_open(floats);
    if (!work) return STATUS_OS;
    printf("probe %d\n", probe_kinds());
    fflush(stdout);
    while (fgets(request, sizeof request, stdin)) {
        const int kind = atoi(request);
        if (strcmp(request, "end\n") == 0)
            print_end(work);
        else if (kind >= 0 && kind < probe_kinds())
            printf("%.17g\n", probe_work_sample(work, (enum probe_kind)kind));
        fflush(stdout);
    }
    probe_work_close(work);
    return STATUS_OK;
}
