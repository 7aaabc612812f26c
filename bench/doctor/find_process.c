/* What this process itself was started with: OpenMP's settings and the floating point control word. */
#include <stdlib.h>
#include <string.h>
#include <xmmintrin.h>

#include "base/par.h"
#include "symptoms.h"

static void find_binding(struct symptoms *all, const struct par_settings *s)
{
    struct symptom *f =
        symptom_add(all, "omp_binding", "a thread that moves leaves its caches behind");
    const bool bound = strcmp(s->bind, "false") != 0, placed = s->places > 0;
    if (bound && placed) {
        symptom_is(f, HEALTH_GOOD, "%s, %d places", s->bind, s->places);
        return;
    }
    symptom_is(f, bound ? HEALTH_NOTE : HEALTH_BAD, "proc_bind %s, %d places", s->bind, s->places);
    symptom_mend(f, "OMP_PROC_BIND=close OMP_PLACES=cores");
}

static void find_team(struct symptoms *all, const struct par_settings *s)
{
    struct symptom *f =
        symptom_add(all, "omp_threads", "a team's size that changes by itself compares nothing");
    const bool fits = s->max_threads <= s->procs;
    symptom_is(f, s->dynamic || !fits ? HEALTH_BAD : HEALTH_GOOD, "%d on %d CPUs, dynamic %s",
               s->max_threads, s->procs, s->dynamic ? "on" : "off");
    if (!fits)
        symptom_mend(f, "OMP_NUM_THREADS=%d OMP_DYNAMIC=false", s->procs);
    else if (s->dynamic)
        symptom_mend(f, "OMP_DYNAMIC=false");
}

static void find_wait(struct symptoms *all)
{
    const char *policy = getenv("OMP_WAIT_POLICY");
    struct symptom *f = symptom_add(all, "omp_wait",
                                    "threads that sleep between regions take up to 0.1 ms to wake");
    if (!policy) return;
    const bool active = strcmp(policy, "active") == 0 || strcmp(policy, "ACTIVE") == 0;
    symptom_is(f, active ? HEALTH_GOOD : HEALTH_NOTE, "%.40s", policy);
    if (!active) symptom_mend(f, "OMP_WAIT_POLICY=active, where the CPUs are ours alone");
}

static void find_subnormals(struct symptoms *all)
{
    const unsigned csr = _mm_getcsr();
    const bool ftz = csr >> 15 & 1u, daz = csr >> 6 & 1u;
    struct symptom *f =
        symptom_add(all, "subnormals", "with FTZ or DAZ set, tiny values are fast and are zero");
    symptom_is(f, ftz || daz ? HEALTH_NOTE : HEALTH_GOOD, "FTZ %s, DAZ %s", ftz ? "on" : "off",
               daz ? "on" : "off");
    if (ftz || daz) symptom_mend(f, "a library set it at load (-ffast-math): find and rebuild it");
}

void find_process(struct symptoms *all)
{
    const struct par_settings s = par_settings();
    find_binding(all, &s);
    find_team(all, &s);
    find_wait(all);
    find_subnormals(all);
}
