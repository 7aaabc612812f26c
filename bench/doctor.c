/* hinge doctor: what makes this machine noisy, and the smallest effect that can be seen here. */
#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "commands.h"
#include "doctor/doctor.h"
#include "measure/sample.h"
#include "options.h"
#include "report/file.h"

enum { KEY_BUDGET = 256, KEY_JSON, KEY_MIN_EFFECT, KEY_NO_PROBE, KEY_PROBE };

static const double STEADY_SECONDS = 2.0;

struct arguments {
    double budget, min_effect;
    const char *json;
    bool no_probe, verbose;
    uint64_t floats; /* 0: this is no process of a probe */
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    enum status status = STATUS_OK;
    switch (key) {
    case KEY_BUDGET:
        status = parse_time("--budget", arg, &a->budget);
        break;
    case KEY_MIN_EFFECT:
        status = parse_percent("--min-effect", arg, &a->min_effect);
        break;
    case KEY_JSON:
        a->json = arg;
        break;
    case KEY_NO_PROBE:
        a->no_probe = true;
        break;
    case KEY_PROBE:
        status = parse_count("--probe", arg, 1, (uint64_t)1 << 30, &a->floats);
        break;
    case 'v':
        a->verbose = true;
        break;
    case ARGP_KEY_ARG:
        status = fail(STATUS_USAGE, "'%s' is not an option", arg);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    if (status != STATUS_OK) argp_error(state, "%s", status_text());
    return 0;
}

/* Two vectors of twice the largest cache together, 32 to 128 MiB. */
static size_t memory_floats(const struct machine *m)
{
    double largest = 0.0;
    for (size_t i = 0; i < m->caches; i++) largest = fmax(largest, m->cache[i].bytes);
    const double bytes = fmin(fmax(2.0 * largest, 0x1p25), 0x1p27);
    return (size_t)bytes / (2 * sizeof(float));
}

static enum status watch_probe(struct doctor *d, double budget)
{
    struct watch *w = &d->watch;
    if (sample_clock_check() != STATUS_OK) return STATUS_UNAVAILABLE;
    const double steady = fmin(STEADY_SECONDS, 0.15 * budget);
    steady_measure(steady, &w->steady);
    moment_read(&w->from);
    const enum status status = probe_run(&d->probe, budget - steady, memory_floats(&d->machine));
    moment_read(&w->to);
    w->probed = status == STATUS_OK;
    w->seconds = d->probe.process_seconds;
    w->ran_ns = d->probe.ran_ns;
    w->waited_ns = d->probe.waited_ns;
    w->switches = d->probe.switches;
    if (d->probe.pairs < PROBE_PAIRS_LEAST) return status;
    d->kinds = probe_kinds();
    for (int k = 0; k < d->kinds; k++)
        d->effect[k] = effect_of(&d->probe, (enum probe_kind)k, d->min_effect);
    return status;
}

/* The load is read before the probe makes its own. */
static enum status examine(struct doctor *d, const struct arguments *a)
{
    enum status status = STATUS_OK;
    d->min_effect = a->min_effect;
    par_release();
    par_unbind();
    machine_read(&d->machine);
    find_load(&d->symptoms);
    moment_read(&d->watch.to);
    if (!a->no_probe) status = watch_probe(d, a->budget);
    find_others(&d->symptoms, &d->watch);
    find_power(&d->symptoms);
    find_kernel(&d->symptoms, &d->watch);
    find_cgroup(&d->symptoms, &d->watch);
    find_process(&d->symptoms);
    find_clocks(&d->symptoms, &d->watch);
    doctor_conclude(d);
    return status;
}

static enum status tell(const struct arguments *a)
{
    static struct doctor d;
    const bool text = !a->json || strcmp(a->json, "-") != 0;
    if (a->json && file_writable(a->json) != STATUS_OK) return STATUS_NO_OUTPUT;
    /* What was found is told even where the probe failed. */
    const enum status probed = examine(&d, a);
    if (text) doctor_table(stdout, &d, a->verbose);
    const enum status written = a->json ? doctor_json(&d, a->json) : STATUS_OK;
    if (written != STATUS_OK) return written;
    if (probed != STATUS_OK || a->no_probe || doctor_sees(&d)) return probed;
    return d.kinds
               ? fail(STATUS_INCONCLUSIVE, "no effect of %.2g %% or less can be seen here in %d s",
                      100.0 * a->min_effect, RUN_SECONDS)
               : fail(STATUS_INCONCLUSIVE, "the probe was too short to tell what can be seen here");
}

static const struct argp_option rows[] = {
    {"budget", KEY_BUDGET, "TIME", 0, "of the A/A probe: 15s (15s), 2m; longer knows it better", 0},
    {"min-effect", KEY_MIN_EFFECT, "PERCENT", 0,
     "the effect that must be seen: exit code 3 where no kind of row shows it (5)", 0},
    {"json", KEY_JSON, "OUT", 0,
     "write findings, probe and conclusions; - is the standard output, and nothing else goes there",
     0},
    {"no-probe", KEY_NO_PROBE, NULL, 0, "settings alone: exit code 0", 0},
    {"verbose", 'v', NULL, 0, "say why good findings matter, too", 0},
    {"probe", KEY_PROBE, "N", OPTION_HIDDEN, NULL, 0},
    {0}};
const struct argp doctor_argp = {
    .options = rows,
    .parser = parse,
    .doc = "Say what makes this machine noisy, and the smallest effect that can be seen here.\v"
           "Each finding has a verdict: good, note (matters in some cases), bad, or unknown where "
           "it cannot be read. The probe times equal kernels as A and as B, in many pairs of "
           "processes. Exit code 0; 3 where the probe shows that no effect of --min-effect or less "
           "could be seen."};

int cmd_doctor(int argc, char **argv)
{
    struct arguments a = {.budget = 15.0, .min_effect = 0.05};
    argp_parse(&doctor_argp, argc, argv, 0, NULL, &a);
    const enum status status = a.floats ? probe_worker((size_t)a.floats) : tell(&a);
    if (status != STATUS_OK) fprintf(stderr, "hinge doctor: %s\n", status_text());
    return (int)status;
}
