#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "measure/machine.h"
#include "report.h"
#include "report/json_file.h"

static json_t *integer(uint64_t value)
{
    return value ? json_integer((json_int_t)value) : json_null();
}

static json_t *row_json(const struct compared *c)
{
    const bool exact = c->change != CHANGE_VARIES;
    json_t *row =
        json_pack("{s:s, s:s, s:i, s:s, s:o, s:o}", "case", c->name, "lane", isa_name(c->isa),
                  "threads", c->threads, "change", change_name(c->change), "instructions",
                  integer(exact ? c->is : 0), "kept", integer(c->was));
    if (!exact)
        json_object_set_new(row, "readings",
                            json_pack("[I, I]", (json_int_t)c->is, (json_int_t)c->other));
    return row;
}

static json_t *context_of(const struct comparison *c, uint64_t seed)
{
    static struct machine m;
    char number[24];
    machine_read(&m);
    snprintf(number, sizeof number, "%llu", (unsigned long long)seed);
    const bool known = strcmp(m.commit, "unknown") != 0;
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:s?, s:f}",
                     "hinge_count_schema", 1, "hinge_version", HINGE_VERSION, "date", m.date,
                     "command", m.command, "counter", c->counter, "compiler", c->compiler,
                     "lane_flags", m.lane_flags, "commit", m.commit, "dirty",
                     known ? json_boolean(m.dirty) : json_string("unknown"), "cpu", m.cpu, "seed",
                     number, "baseline", c->kept_in, "tolerance_percent", c->tolerance);
}

enum status report_json(const struct comparison *c, uint64_t seed, const char *path)
{
    json_t *list = json_array();
    for (size_t i = 0; i < c->count; i++) json_array_append_new(list, row_json(&c->at[i]));
    json_t *root = json_pack("{s:o, s:o}", "context", context_of(c, seed), "counts", list);
    return json_file_write(path, root, 17);
}
