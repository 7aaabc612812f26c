/* What follows from what was found. */
#include <math.h>
#include <string.h>

#include "base/par.h"
#include "doctor.h"

bool doctor_sees(const struct doctor *d)
{
    for (int k = 0; k < d->kinds; k++)
        if (d->effect[k].ab <= d->min_effect) return true;
    return false;
}

/* The smallest of what OpenMP would take, what the quota pays for and the cores that our CPUs are on. */
static int useful_threads(void)
{
    const double cores = cores_of_ours(), quota = cgroup_quota();
    double threads = par_max_threads();
    if (cores > 0.0) threads = fmin(threads, cores);
    if (quota >= 0.0) threads = fmin(threads, floor(quota));
    return threads < 1.0 ? 1 : (int)threads;
}

static void summarize(struct doctor *d)
{
    size_t used = 0;
    char *to = d->summary;
    if (d->kinds == 0) {
        if (d->probe.pairs == 0)
            snprintf(to, DOCTOR_TEXT,
                     "Without a probe nothing is known of the effects to be seen here.");
        else
            snprintf(
                to, DOCTOR_TEXT,
                "Inconclusive: %zu pair%s of processes in %.0f s, and a spread takes %d; a longer "
                "--budget has more.",
                d->probe.pairs, d->probe.pairs > 1 ? "s" : "", d->probe.seconds, PROBE_PAIRS_LEAST);
        return;
    }
    used = (size_t)snprintf(to, DOCTOR_TEXT, "On this machine hinge ab sees ");
    for (int k = 0; k < d->kinds; k++) {
        const double ab = d->effect[k].ab;
        const char *before = k == 0 ? "" : k + 1 < d->kinds ? ", " : " and ";
        const char *rows = probe_kind_rows((enum probe_kind)k);
        if (ab < 1.0)
            used += (size_t)snprintf(to + used, DOCTOR_TEXT - used, "%s%.2g %% in %s", before,
                                     100.0 * ab, rows);
        else
            used += (size_t)snprintf(to + used, DOCTOR_TEXT - used, "%snothing below 100 %% in %s",
                                     before, rows);
    }
    snprintf(to + used, DOCTOR_TEXT - used, ", ten rows in %d s.", RUN_SECONDS);
}

void doctor_conclude(struct doctor *d)
{
    summarize(d);
    snprintf(d->environment, sizeof d->environment,
             "OMP_NUM_THREADS=%d OMP_PROC_BIND=close OMP_PLACES=cores OMP_WAIT_POLICY=active "
             "OMP_DYNAMIC=false",
             useful_threads());
}
