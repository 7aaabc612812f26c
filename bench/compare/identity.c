#include "identity.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const of_machine[] = {"cpu",         "cpu_model", "num_cpus",
                                         "cores",       "packages",  "numa_nodes",
                                         "isa_present", "caches",    NULL};

static const char *const of_settings[] = {"host_name",
                                          "cpus_allowed",
                                          "cpu_quota",
                                          "governor",
                                          "boost",
                                          "smt",
                                          "microcode",
                                          "kernel",
                                          "virtualization",
                                          "container",
                                          "isa_masked",
                                          "isa_used",
                                          "onednn_isa",
                                          "compiler",
                                          "flags",
                                          "lane_flags",
                                          "library_build_type",
                                          "openmp",
                                          "thp",
                                          "huge_pages",
                                          "page_size",
                                          "aslr",
                                          "ftz",
                                          "daz",
                                          "threads_to_cpus",
                                          "placement",
                                          "onednn",
                                          "libraries",
                                          "plugin",
                                          "data",
                                          "seed",
                                          "hinge_schema",
                                          "hinge_version",
                                          "cpu_scaling_enabled",
                                          NULL};

static const char *const chosen[] = {"isa_masked", "onednn_isa",  "library_build_type",
                                     "proc_bind",  "wait_policy", "placement",
                                     "thp",        "aslr",        "ftz",
                                     "daz",        "data",        "seed",
                                     NULL};

/* Of a build and a run of it: what two files of one machine and one commit are held to each other for. */
static const char *const of_run[] = {
    "isa_masked", "onednn_isa", "compiler",    "flags",     "lane_flags", "library_build_type",
    "runtime",    "proc_bind",  "places",      "thp",       "aslr",       "ftz",
    "daz",        "smt",        "wait_policy", "placement", "governor",   "boost",
    NULL};

/* Of an object's fields, those that are measured and not set. */
static bool is_measured(const char *field)
{
    return strcmp(field, "region_ns") == 0 || strcmp(field, "barrier_ns") == 0;
}

static void put_value(char to[DIFFERENCE_TEXT], const json_t *value)
{
    char *text = json_is_string(value) ? strdup(json_string_value(value))
                                       : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    const int wrote = snprintf(to, DIFFERENCE_TEXT, "%s", text ? text : "?");
    /* Not the half of a character of several bytes. */
    if (wrote >= DIFFERENCE_TEXT) {
        size_t end = DIFFERENCE_TEXT - 4;
        while (end > 0 && ((unsigned char)to[end] & 0xc0) == 0x80) end--;
        strcpy(to + end, "...");
    }
    free(text);
}

static void record(const char *field, const json_t *old, const json_t *new,
                   struct differences *found)
{
    if (found->count == DIFFERENCES_MAX) return;
    struct difference *d = &found->at[found->count++];
    d->field = field;
    put_value(d->old, old);
    put_value(d->new, new);
}

static void hold(const char *field, const json_t *old, const json_t *new, struct differences *found)
{
    const char *key;
    json_t *of;
    size_t i;
    if (!read_is_known(old) || !read_is_known(new) || json_equal(old, new)) return;
    if (json_is_object(old) && json_is_object(new)) {
        json_object_foreach((json_t *)old, key, of) if (!is_measured(key))
            hold(key, of, json_object_get(new, key), found);
        return;
    }
    /* Of a list the parts that differ: whole, two long ones look alike. */
    if (!json_is_array(old) || json_array_size(old) != json_array_size(new)) {
        record(field, old, new, found);
        return;
    }
    json_array_foreach(old, i, of) if (!json_equal(of, json_array_get(new, i)))
        record(field, of, json_array_get(new, i), found);
}

static void hold_all(const char *const *field, const struct read_file *old,
                     const struct read_file *new, struct differences *found)
{
    found->count = 0;
    for (; *field; field++)
        hold(*field, json_object_get(old->context, *field), json_object_get(new->context, *field),
             found);
}

void identity_machine(const struct read_file *old, const struct read_file *new,
                      struct differences *found)
{
    const double a = read_context_number(old, "memory_bytes");
    const double b = read_context_number(new, "memory_bytes");
    hold_all(of_machine, old, new, found);
    if (isnan(a) || isnan(b) || fabs(a - b) <= 0.02 * fmax(a, b)) return;
    if (found->count == DIFFERENCES_MAX) return;
    struct difference *d = &found->at[found->count++];
    d->field = "memory";
    snprintf(d->old, sizeof d->old, "%.1f GiB", a / 0x1p30);
    snprintf(d->new, sizeof d->new, "%.1f GiB", b / 0x1p30);
}

void identity_settings(const struct read_file *old, const struct read_file *new,
                       struct differences *found)
{
    hold_all(of_settings, old, new, found);
}

static bool is_among(const char *field, const char *const *list)
{
    while (*list && strcmp(field, *list) != 0) list++;
    return *list != NULL;
}

bool identity_is_chosen(const char *field)
{
    return is_among(field, chosen);
}

bool identity_is_setting(const char *field)
{
    return is_among(field, of_run);
}

bool identity_is_of_host(const char *field)
{
    static const char *const own[] = {"host_name", "threads_to_cpus", "huge_pages"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(field, own[i]) == 0) return true;
    return *field >= '0' && *field <= '9'; /* a number of threads */
}

static bool keep(json_t *kept, const struct read_file *file, const char *field)
{
    json_t *value = json_object_get(file->context, field);
    return !value || json_object_set(kept, field, value) == 0;
}

json_t *identity_keep(const struct read_file *file)
{
    json_t *kept = json_object();
    bool whole = kept && keep(kept, file, "memory_bytes");
    for (const char *const *at = of_machine; whole && *at; at++) whole = keep(kept, file, *at);
    for (const char *const *at = of_settings; whole && *at; at++) whole = keep(kept, file, *at);
    if (whole) return kept;
    json_decref(kept);
    return NULL;
}
