#include "explain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernel.h"
#include "measure/roofs.h"

const char *part_name(enum part part)
{
    static const char *const name[PART_COUNT] = {"frequency", "width",  "cores", "cache",
                                                 "bandwidth", "kernel", "rest"};
    return name[part];
}

/* ---- one side */

double explain_roof(const struct read_file *file, const char *isa, int threads, const char *field)
{
    const json_t *roof;
    size_t i;
    json_array_foreach(json_object_get(file->context, "roofs"), i, roof)
    {
        const char *name = json_string_value(json_object_get(roof, "isa"));
        const json_t *value = json_object_get(roof, field);
        if (name && strcmp(name, isa) == 0 && json_is_number(value) &&
            json_integer_value(json_object_get(roof, "threads")) == threads)
            return json_number_value(value);
    }
    return NAN;
}

/* Of the lane whose roofs the row is held to. */
static double roof_of(struct explain_side s, const char *field)
{
    const bool wide = strstr(s.row->isa, "avx512") != NULL;
    return explain_roof(s.file, isa_name(wide ? ISA_AVX512 : ISA_AVX2), s.row->threads, field);
}

static double positive(double x)
{
    return x > 0.0 && isfinite(x) ? x : NAN;
}

static double measured_mhz(struct explain_side s)
{
    return positive(roof_of(s, "mhz"));
}

static double reported_mhz(struct explain_side s)
{
    return positive(read_context_number(s.file, "mhz_per_cpu"));
}

double explain_mhz(struct explain_side s, bool *measured)
{
    const double mhz = measured_mhz(s);
    *measured = isfinite(mhz);
    return *measured ? mhz : reported_mhz(s);
}

double explain_cores(struct explain_side s)
{
    const double cores = positive(read_context_number(s.file, "cores"));
    return fmin(s.row->threads, cores); /* the number of a number and NaN */
}

static bool is_compute(struct explain_side s)
{
    return strcmp(s.row->bound_by, "compute") == 0;
}

static bool is_memory(struct explain_side s)
{
    return strcmp(s.row->bound_by, "memory") == 0;
}

/* The time that the roof asks for; NaN: the file has none. */
static double least_ns(struct explain_side s)
{
    return positive(s.row->roof_share) * s.row->median;
}

/* GFLOP/s. The row's own figure where it is bound by it. */
static double peak_of(struct explain_side s)
{
    return is_compute(s) ? positive(s.row->flops / least_ns(s)) : positive(roof_of(s, "gflops"));
}

/* LEVEL_COUNT: the file does not say. */
static enum level level_of(struct explain_side s)
{
    int l = LEVEL_L1;
    while (l < LEVEL_COUNT && strcmp(s.row->level, level_name((enum level)l)) != 0) l++;
    return (enum level)l;
}

static double bandwidth_of(struct explain_side s, enum level level)
{
    char field[64];
    snprintf(field, sizeof field, "%.16s_gbps_%s", s.row->roof, level_name(level));
    return positive(roof_of(s, field));
}

const char *explain_bound(const struct read_row *row, char text[32])
{
    const bool memory = strcmp(row->bound_by, "memory") == 0;
    snprintf(text, 32, "%.8s%s%.16s", memory ? row->level : "", memory && *row->level ? " " : "",
             row->roof);
    return text;
}

/* ---- two sides */

static double frequency(struct explain_side a, struct explain_side b)
{
    const double measured = log(measured_mhz(b) / measured_mhz(a));
    return isfinite(measured) ? measured : log(reported_mhz(b) / reported_mhz(a));
}

/* `all` is what frequency, cores and `left` make together. */
static void split(struct explanation *x, double all, enum part left, struct explain_side a,
                  struct explain_side b)
{
    const double clock = frequency(a, b), cores = log(explain_cores(b) / explain_cores(a));
    const double both = all - cores;
    x->part[PART_CORES] += cores;
    if (isfinite(clock)) {
        x->part[PART_FREQUENCY] += clock;
        x->part[left] += both - clock;
    } else {
        x->part[PART_FREQUENCY] = x->part[left] = NAN;
        x->part[PART_REST] += both;
    }
}

/* False where the files lack what it takes. */
static bool split_peaks(struct explanation *x, double ratio, struct explain_side a,
                        struct explain_side b)
{
    const double peaks = log(peak_of(b) / peak_of(a));
    if (!isfinite(peaks)) return false;
    split(x, peaks, PART_WIDTH, a, b);
    if (is_compute(a) != is_compute(b)) x->part[PART_BANDWIDTH] += ratio - peaks;
    return true;
}

static bool split_memory(struct explanation *x, double ratio, struct explain_side a,
                         struct explain_side b)
{
    const enum level la = level_of(a), lb = level_of(b);
    double nearer = 0.0;
    if (la != lb && (la == LEVEL_COUNT || lb == LEVEL_COUNT)) return false;
    if (la != lb)
        nearer = 0.5 * log(bandwidth_of(a, lb) / bandwidth_of(a, la) * bandwidth_of(b, lb) /
                           bandwidth_of(b, la));
    if (!isfinite(nearer)) return false;
    x->part[PART_CACHE] = nearer;
    if (la <= LEVEL_L2 && lb <= LEVEL_L2)
        split(x, ratio - nearer, PART_BANDWIDTH, a, b);
    else
        x->part[PART_BANDWIDTH] = ratio - nearer;
    return true;
}

struct explanation explain(struct explain_side a, struct explain_side b)
{
    struct explanation x = {.speed = log(a.row->median / b.row->median)};
    const double ratio = log(least_ns(a) / least_ns(b));
    const bool known = (is_compute(a) || is_memory(a)) && (is_compute(b) || is_memory(b));
    const bool memory = is_memory(a) && is_memory(b);
    if (isfinite(ratio)) {
        x.part[PART_KERNEL] = x.speed - ratio;
        if (known && (memory ? split_memory : split_peaks)(&x, ratio, a, b)) return x;
    }
    for (int p = 0; p < PART_COUNT; p++)
        if (p != PART_KERNEL || !isfinite(ratio)) x.part[p] = NAN;
    x.part[PART_REST] = isfinite(ratio) ? ratio : x.speed;
    return x;
}

struct explanation explain_mean(const struct explanation *of, size_t n)
{
    struct explanation mean = {0};
    for (int p = 0; p < PART_COUNT; p++) {
        size_t known = 0;
        for (size_t i = 0; i < n; i++) {
            if (isnan(of[i].part[p])) continue;
            mean.part[p] += of[i].part[p] / (double)n;
            known++;
        }
        if (!known) mean.part[p] = NAN;
    }
    for (size_t i = 0; i < n; i++) mean.speed += of[i].speed / (double)n;
    return mean;
}
