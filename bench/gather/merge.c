#include "gather/merge.h"

#include <stdio.h>
#include <string.h>

static json_t *cluster_of(const struct read_file *file, const char *field)
{
    return json_object_get(json_object_get(file->context, "cluster"), field);
}

/* ---- roofs: of what was measured several times the highest counts */

static json_t *same_roof(const json_t *roofs, const json_t *as)
{
    size_t i;
    json_t *roof;
    json_array_foreach(roofs, i, roof)
    {
        if (json_equal(json_object_get(roof, "isa"), json_object_get(as, "isa")) &&
            json_equal(json_object_get(roof, "threads"), json_object_get(as, "threads")))
            return roof;
    }
    return NULL;
}

static void take_higher_roofs(json_t *roofs, const json_t *more)
{
    size_t i;
    json_t *roof, *value;
    const char *field;
    json_array_foreach(more, i, roof)
    {
        json_t *to = same_roof(roofs, roof);
        if (!to) json_array_append(roofs, roof);
        if (to) json_object_foreach(roof, field, value)
            {
                if (json_number_value(value) > json_number_value(json_object_get(to, field)))
                    json_object_set(to, field, value);
            }
    }
}

/* ---- of each share what was its own */

static json_t *part_of(const struct read_file *file)
{
    static const char *const own[] = {"date",         "roofs",   "threads_to_cpus",
                                      "cpus_allowed", "resumed", "load_avg"};
    const char *slash = strrchr(file->path, '/');
    json_t *part = json_object();
    json_object_set_new(part, "file", json_string(slash ? slash + 1 : file->path));
    json_object_set(part, "share", cluster_of(file, "share"));
    json_object_set(part, "hosts", cluster_of(file, "hosts"));
    json_object_set_new(part, "rows",
                        json_integer((json_int_t)json_object_size(cluster_of(file, "rows"))));
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        json_t *value = json_object_get(file->context, own[i]);
        if (value) json_object_set(part, own[i], value);
    }
    return part;
}

static void join_hosts(json_t *context, const struct read_file *const *file, size_t files)
{
    json_t *seen = json_object();
    char text[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < files; i++) {
        json_t *host;
        size_t k;
        json_array_foreach(cluster_of(file[i], "hosts"), k, host)
        {
            const char *name = json_string_value(host);
            if (!name || json_object_get(seen, name)) continue;
            json_object_set_new(seen, name, json_true());
            if (used < sizeof text)
                used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? ", " : "",
                                         name);
        }
    }
    if (*text) json_object_set_new(context, "host_name", json_string(text));
    json_decref(seen);
}

json_t *merge_contexts(const struct read_file *const *file, size_t files)
{
    json_t *context = json_deep_copy(file[0]->context), *parts = json_array();
    if (!context || !parts) return NULL;
    json_t *notes = json_object_get(context, "notes"), *roofs = json_object_get(context, "roofs");
    json_t *missed = json_object_get(json_object_get(context, "sampling"), "missed");
    for (size_t i = 0; i < files; i++) {
        const json_t *c = file[i]->context;
        json_array_append_new(parts, part_of(file[i]));
        if (i == 0) continue;
        json_array_extend(notes, json_object_get(c, "notes"));
        json_array_extend(missed, json_object_get(json_object_get(c, "sampling"), "missed"));
        take_higher_roofs(roofs, json_object_get(c, "roofs"));
        if (strcmp(read_context_text(file[i], "date"),
                   json_string_value(json_object_get(context, "date"))) < 0)
            json_object_set(context, "date", json_object_get(c, "date"));
    }
    join_hosts(context, file, files);
    json_object_del(context, "cluster");
    json_object_del(context, "roofs_before");
    json_object_del(context, "roofs_after");
    json_object_set_new(context, "parts", parts);
    return context;
}
