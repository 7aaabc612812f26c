#include "card.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool same_text(const struct read_file *a, const struct read_file *b, const char *field)
{
    const char *x = read_context_text(a, field);
    return strcmp(x, "unknown") != 0 && strcmp(x, read_context_text(b, field)) == 0;
}

bool card_fits(const struct read_file *file, const struct read_file *card)
{
    const double here = read_context_number(file, "num_cpus");
    const double there = read_context_number(card, "num_cpus");
    return same_text(file, card, "cpu") && same_text(file, card, "cpu_model") &&
           (isnan(here) || isnan(there) || here == there);
}

/* Sets what `to` does not know; false where there is no memory. */
static bool fill_field(json_t *to, const json_t *from, const char *field, bool *filled)
{
    json_t *value = json_object_get(from, field);
    if (!read_is_known(value) || read_is_known(json_object_get(to, field))) return true;
    *filled = true;
    return json_object_set(to, field, value) == 0;
}

static json_t *roof_like(const json_t *roofs, const json_t *wanted)
{
    json_t *roof;
    size_t i;
    json_array_foreach(
        roofs, i,
        roof) if (json_equal(json_object_get(roof, "isa"), json_object_get(wanted, "isa")) &&
                  json_equal(json_object_get(roof, "threads"),
                             json_object_get(wanted, "threads"))) return roof;
    return NULL;
}

static bool fill_roof(json_t *roofs, const json_t *from, bool *filled)
{
    json_t *to = roof_like(roofs, from), *value;
    const char *field;
    if (!to) {
        *filled = true;
        return json_array_append_new(roofs, json_deep_copy(from)) == 0;
    }
    json_object_foreach((json_t *)from, field,
                        value) if (!fill_field(to, from, field, filled)) return false;
    return true;
}

static bool fill_roofs(json_t *context, const json_t *card, bool *filled)
{
    const json_t *from = json_object_get(card, "roofs"), *roof;
    size_t i;
    if (!json_array_size(from)) return true;
    if (!json_is_array(json_object_get(context, "roofs")) &&
        json_object_set_new(context, "roofs", json_array()) != 0)
        return false;
    json_array_foreach(from, i, roof) if (json_is_object(roof) &&
                                          !fill_roof(json_object_get(context, "roofs"), roof,
                                                     filled)) return false;
    return true;
}

static void name_it(char what[CARD_WHAT], const char *name)
{
    const size_t used = strlen(what);
    snprintf(what + used, CARD_WHAT - used, "%s%s", used ? ", " : "", name);
}

enum status card_fill(struct read_file *file, const struct read_file *card, char what[CARD_WHAT])
{
    static const char *const field[] = {"mhz_per_cpu", "num_cpus", "cores",        "packages",
                                        "numa_nodes",  "caches",   "memory_bytes", "isa_present"};
    json_t *context = json_object_get(file->root, "context");
    bool filled = false, whole = fill_roofs(context, card->context, &filled);
    *what = '\0';
    if (filled) name_it(what, "roofs");
    for (size_t i = 0; whole && i < sizeof field / sizeof *field; i++) {
        filled = false;
        whole = fill_field(context, card->context, field[i], &filled);
        if (filled) name_it(what, field[i]);
    }
    return whole ? STATUS_OK : fail(STATUS_OS, "%s: no memory for what its card adds", file->path);
}
